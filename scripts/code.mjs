// Cuts the code out of the modules of dist/bundle/ and has V8's compiled form of it laid beside (model/loader/code.ts). The code
// becomes a function of what the module imports, and the module a line that exports what this returns. That is the same only
// where exports do not change, modules do not import each other in circles, and all that they import are such modules, Node's
// or CommonJS: others stay as they are.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { Script } from "node:vm";
import { parseSync, visitorKeys } from "oxc-parser";

/** Packages that are CommonJS, and have the same names when they are imported. */
const packages = ["commander"];
const bundle = resolve("dist/bundle");
const runner = join(bundle, "model/loader/code.js");

const parsed = new Map(
  readdirSync(bundle, { recursive: true })
    .filter((name) => name.endsWith(".js"))
    .map((name) => join(bundle, name))
    .map((path) => {
      const text = readFileSync(path, "utf8");
      return [path, { text, program: parseSync(path, text).program }];
    }),
);
const importsOf = (path) =>
  parsed
    .get(path)
    .program.body.filter(({ type, source }) => /^(Import|Export)/.test(type) && source?.value.startsWith("."))
    .map(({ source }) => resolve(dirname(path), source.value));

function reachable(from) {
  const found = new Set();
  const visit = (path) => {
    for (const next of importsOf(path)) {
      if (found.has(next)) continue;
      found.add(next);
      visit(next);
    }
  };
  visit(from);
  return found;
}

function walk(node, visit) {
  visit(node);
  for (const key of visitorKeys[node.type] ?? []) for (const child of [node[key]].flat()) if (child !== null && child !== undefined) walk(child, visit);
}

/** The module without its code, and the code; null where it has to stay as it is. */
function cut(path) {
  const { text, program } = parsed.get(path);
  const [imports, bindings, exported, blanks] = [[], [], [], []];
  for (const statement of program.body) {
    if (statement.type === "ImportDeclaration") {
      const from = statement.source.value;
      if (!from.startsWith(".") && !isBuiltin(from) && !packages.includes(from)) return null;
      const source = `$i[${imports.push(from) - 1}]`;
      for (const { type, local, imported } of statement.specifiers) {
        const whole = type === "ImportNamespaceSpecifier" || (type === "ImportDefaultSpecifier" && !from.startsWith("."));
        bindings.push(whole ? `${local.name}=${source}` : `${local.name}=${source}.${imported?.name ?? "default"}`);
      }
      blanks.push(statement);
    } else if (statement.type === "ExportNamedDeclaration" && statement.source === null && statement.declaration === null) {
      exported.push(...statement.specifiers.map(({ local, exported }) => [exported.name, local.name]));
      blanks.push(statement);
    } else if (statement.type.startsWith("Export")) return null;
  }
  const changing = new Set();
  const dynamic = [];
  walk(program, ({ type, left, argument, start }) => {
    if (type === "AssignmentExpression" && left.type === "Identifier") changing.add(left.name);
    if (type === "ImportExpression") dynamic.push(start);
    if (type === "UpdateExpression" && argument.type === "Identifier") changing.add(argument.name);
  });
  if (exported.some(([, local]) => changing.has(local))) return null;
  let code = "";
  let done = 0;
  const edits = [...blanks.map(({ start, end }) => [start, end, ""]), ...dynamic.map((start) => [start, start + "import".length, "$d"])];
  for (const [start, end, by] of edits.sort(([a], [b]) => a - b)) {
    code += text.slice(done, start) + by;
    done = end;
  }
  code = (code + text.slice(done)).replaceAll("import.meta.url", "$u");
  const head = bindings.length === 0 ? "" : `const ${bindings.join(",")};`;
  const body = `"use strict";${head}${code}\nreturn{${exported.map(([name, local]) => `${name}:${local}`).join(",")}}`;
  const whole = `({imports:${JSON.stringify(imports)},body:function($i,$u,$d){${body}}})`;
  try {
    new Script(whole);
  } catch {
    return null;
  }
  const specifier = relative(dirname(path), runner);
  const names = exported.flatMap(([name]) => (name === "default" ? [] : [name]));
  const left = [
    `import{exportsOf as $e}from${JSON.stringify(specifier.startsWith(".") ? specifier : `./${specifier}`)};const $m=$e(import.meta.url);`,
    names.length === 0 ? "" : `export const{${names.join(",")}}=$m;`,
    exported.length === names.length ? "" : "export default $m.default;",
  ].join("");
  return { code: whole, left };
}

export function cutCode() {
  // What the runner imports (helpers of the bundler) is there twice.
  const needed = reachable(runner);
  const made = new Map();
  for (const path of parsed.keys()) {
    const each = path === runner || reachable(path).has(path) ? null : cut(path);
    if (each !== null) made.set(path, each);
  }
  for (let size = -1; size !== made.size; ) {
    size = made.size;
    for (const path of made.keys()) if (!importsOf(path).every((each) => made.has(each))) made.delete(path);
  }
  for (const [path, { code, left }] of made) {
    writeFileSync(path.replace(/\.js$/, ".code.js"), code);
    if (!needed.has(path)) writeFileSync(path, left);
  }
}

/** Checks a protocol and writes a counterexample, as the command would, and then keeps what V8 has compiled for it. */
export function compileCode() {
  const folder = mkdtempSync(join(tmpdir(), "ipc-check-build-"));
  const verify = (...args) => `await main(["verify", ...${JSON.stringify(args)}, "--no-trace-file", "--no-cache", "-q"]);`;
  const script = [
    `import { flags } from ${JSON.stringify(resolve("bin/flags.js"))};`,
    "flags();",
    `const { main } = await import(${JSON.stringify(join(bundle, "cli/main.js"))});`,
    `process.stdout.write = () => true;`,
    verify(resolve("bench/specs/rpc.ts"), "-p", "clients=3", "-p", "work=2"),
    verify(resolve("specs/shm/mutex1.ts")),
    `(await import(${JSON.stringify(runner)})).writeCompiled();`,
  ].join("\n");
  const run = spawnSync(process.execPath, ["--input-type=module", "-e", script], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  rmSync(folder, { recursive: true, force: true });
  if (run.status !== 0) process.exitCode = 1;
}
