// Writes dist/bundle/: the modules of dist/ in few files, because finding, reading and linking two hundred takes longer than
// a small check. The package's exports, the command, the registry and threads are asked for by name and keep theirs; what the
// tool imports when it needs it is put together by what it is needed for, a file for each: left to itself the bundler cuts
// out a file for each set of imports that share something.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { build } from "esbuild";

const dist = resolve("dist");
/** A thread's module, beside the one that starts it. */
const beside = /new URL\("\.\/([^"]+\.js)", import\.meta\.url\)/g;
const imported = /\bimport\("(\.[^"]+\.js)"\)/g;

/** What a module that is imported on demand is needed for; null: it gets a file of its own. */
function purpose(path) {
  const place = path.slice(dist.length + 1);
  if (/^kernel\//.test(place)) return null;
  if (/^(cli\/verify|cli\/reporters\/pretty|checker\/(engine\/index|properties\/))/.test(place)) return "check";
  if (/^model\/(compiler\/index|loader\/)/.test(place)) return "compile";
  if (/^counterexamples\/(make|minimise|print|replay)\.js/.test(place)) return "counterexample";
  return "other";
}

const modules = readdirSync(dist, { recursive: true })
  .filter((name) => name.endsWith(".js") && !name.startsWith("bundle/") && !name.includes("/page/"))
  .map((name) => join(dist, name));
const groups = new Map();
for (const path of modules) {
  for (const [, specifier] of readFileSync(path, "utf8").matchAll(imported)) {
    const target = resolve(dirname(path), specifier);
    const group = purpose(target);
    if (group !== null) groups.set(group, [...new Set([...(groups.get(group) ?? []), target])].sort());
  }
}

const together = {
  name: "together",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^together:/ }, ({ path }) => ({ path, namespace: "together" }));
    onLoad({ filter: /.*/, namespace: "together" }, ({ path }) => ({
      contents: groups
        .get(path.slice("together:".length))
        .map((each, i) => `export * as _${i} from ${JSON.stringify(each)};`)
        .join("\n"),
      resolveDir: dist,
    }));
    onLoad({ filter: /\.js$/, namespace: "file" }, ({ path }) => ({
      contents: readFileSync(path, "utf8")
        .replace(imported, (written, specifier) => {
          const target = resolve(dirname(path), specifier);
          const group = purpose(target);
          return group === null ? written : `import("together:${group}").then((all) => all._${groups.get(group).indexOf(target)})`;
        })
        // What is put together lies in chunks/.
        .replace(beside, (_, name) => `new URL("../${relative(dist, join(dirname(path), name))}", import.meta.url)`),
    }));
  },
};

rmSync("dist/bundle", { recursive: true, force: true });
const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
// The matchers run in a process of vitest's, which no specification or configuration of ours imports.
const exported = Object.values(exports).flatMap((entry) => (typeof entry === "object" && !entry.default.includes("vitest") ? [entry.default] : []));
await build({
  entryPoints: [...exported, "dist/cli/main.js", "dist/model/loader/registry.js", "dist/model/loader/code.js", "dist/checker/engine/worker.js"],
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  charset: "utf8",
  packages: "external",
  outbase: "dist",
  outdir: "dist/bundle",
  chunkNames: "chunks/[hash]",
  // Names stay, so that an internal error can still be read.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 160,
  logLevel: "warning",
  plugins: [together],
});

const { cutCode, compileCode } = await import("./code.mjs");
cutCode();

// By this the cache tells one build from another.
const written = readdirSync("dist/bundle", { recursive: true })
  .filter((name) => name.endsWith(".js"))
  .sort();
const hash = createHash("sha256");
for (const name of written) hash.update(`${name}\0`).update(readFileSync(join("dist/bundle", name)));
writeFileSync("dist/bundle/build", hash.digest("hex"));
compileCode();
