/** The package as a user has it: packed, unpacked into a project, run, type-checked and tested there. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../cli/run.ts";
import { counter, type Project, project } from "../loader/project.ts";

/** A project that has installed the package from its tarball: unpacked into node_modules, its dependencies beside it. */
let user: Project;
let files: readonly string[] = [];
const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
};

beforeAll(() => {
  user = project();
  const tarballs = user.path("tarballs");
  mkdirSync(tarballs);
  execFileSync("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", tarballs], { stdio: "pipe" });
  const tarball = join(tarballs, `ipc-check-${manifest.version}.tgz`);
  files = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((name) => name.replace(/^package\//, ""));
  const installed = user.path("node_modules/ipc-check");
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "-C", installed, "--strip-components=1"]);
  for (const name of Object.keys(manifest.dependencies)) {
    mkdirSync(dirname(user.path(`node_modules/${name}`)), { recursive: true });
    symlinkSync(resolve("node_modules", name), user.path(`node_modules/${name}`));
  }
}, 60_000);
afterAll(() => user.remove());

test("the tarball holds what is needed and nothing else", () => {
  for (const name of [
    "bin/ipc-check.js",
    "dist/model/language/index.js",
    "dist/model/language/index.d.ts",
    "dist/cli/main.js",
    "dist/counterexamples/explorer/page/main.js",
    "dist/counterexamples/explorer/page/style.css",
    "templates/rpc.ts",
    "specs/l4/hostage-reply.ts",
    "counterexamples/schemas/results.schema.json",
    "README.md",
    "LICENSE",
  ]) {
    expect(files).toContain(name);
  }
  expect(files.filter((name) => /^(tests|docs|bench|scripts|node_modules|\.ci|model|checker|kernel|hardware|cli)\//.test(name))).toEqual([]);
});

test("every path of `exports` is in the tarball", () => {
  for (const entry of Object.values(manifest.exports)) {
    for (const path of typeof entry === "string" ? [entry] : [entry.types, entry.default]) {
      const name = path.replace("./", "");
      if (name.includes("*"))
        expect(
          files.some((file) => file.startsWith(name.split("*")[0] ?? "")),
          name,
        ).toBe(true);
      else expect(files).toContain(name);
    }
  }
});

test("a specification in that project verifies, with helpers and types from elsewhere in it", async () => {
  user.write("protocols/lib/add.ts", "import type { Cell } from 'ipc-check';\nexport function* add(cell: Cell<number>) {\n  yield* cell.fetchAdd(1);\n}\n");
  user.write(
    "protocols/counter.ts",
    counter.replace("import { int", "import { add } from './lib/add.ts';\nimport { int").replace("yield* count.fetchAdd(1);", "yield* add(count);"),
  );
  const tool = user.path("node_modules/ipc-check/bin/ipc-check.js");
  const { code, stdout, stderr } = await run(["verify", "protocols/counter.ts"], { cwd: user.root, tool });
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^holds {2}counter {2}protocols\/counter\.ts/);
  expect(readdirSync(user.path("node_modules/.cache/ipc-check")).some((name) => name.endsWith(".mjs"))).toBe(true);
});

test("its own library verifies from there as expected", async () => {
  const tool = user.path("node_modules/ipc-check/bin/ipc-check.js");
  const { code, stdout } = await run(["verify", "node_modules/ipc-check/specs/l4/hostage-reply.ts", "--expect", "--no-trace-file"], { cwd: user.root, tool });
  expect(stdout).toContain("2 checks: 1 violated, 1 holds; all as expected");
  expect(code).toBe(0);
});

/** What the TypeScript compiler says of some files of that project, all at once. */
function typeErrors(...names: readonly string[]): string {
  const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--skipLibCheck"];
  try {
    return execFileSync(process.execPath, [resolve("node_modules/typescript/bin/tsc"), ...options, ...names], {
      cwd: user.root,
      encoding: "utf8",
      stdio: "pipe",
    });
  } catch (error) {
    return (error as { readonly stdout: string }).stdout;
  }
}

test("the surface, the configuration and the matchers type-check from there, and what is wrong does not", () => {
  mkdirSync(user.path("node_modules/@types"), { recursive: true });
  symlinkSync(resolve("node_modules", "vitest"), user.path("node_modules/vitest"));
  symlinkSync(resolve("node_modules/@types/node"), user.path("node_modules/@types/node"));
  const matchers = (matcher: string): string =>
    `import { expect, test } from "vitest";\nimport { spec } from "ipc-check/vitest";\ntest("t", async () => { await expect(spec("typed.ts")).${matcher}; });\n`;
  const configuration = (name: string): string => `import { defineConfig } from "ipc-check/config";\nexport default defineConfig({ ${name}: ["typed.ts"] });\n`;
  user.write("typed.ts", counter);
  user.write("wrong.ts", counter.replace("count.fetchAdd(1)", "count.fetchAd(1)"));
  user.write("matchers.ts", matchers('toViolate("deadlock")'));
  user.write("wrong-matcher.ts", matchers('toViolate("dedlock")'));
  user.write("configured.ts", configuration("specs"));
  user.write("wrong-configuration.ts", configuration("spec"));
  const said = typeErrors("typed.ts", "wrong.ts", "matchers.ts", "wrong-matcher.ts", "configured.ts", "wrong-configuration.ts");
  expect(said.split("\n").filter((line) => /^\S/.test(line))).toEqual([
    expect.stringMatching(/^wrong-configuration\.ts\(2,\d+\).*spec/),
    expect.stringMatching(/^wrong-matcher\.ts\(3,\d+\).*dedlock/),
    expect.stringMatching(/^wrong\.ts\(11,22\).*fetchAd/),
  ]);
});

test("the configuration, the workflow's steps and the tests of docs/ci.md work in that project", () => {
  const text = readFileSync("docs/ci.md", "utf8");
  const blocks = (language: string): readonly string[] =>
    [...text.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "gsu"))].map(([, block = ""]) => block);
  const [configuration = "", tests = ""] = blocks("ts");
  const [workflow = ""] = blocks("yaml");
  user.write("ipc-check.config.ts", configuration);
  user.write("counter.test.ts", tests);
  const plain = counter
    .replace("export default protocol(", "export const plain = protocol(")
    .replace("yield* count.fetchAdd(1);", "yield* count.write((yield* count.read()) + 1);")
    .replace(/\}\);\s*$/u, '  expect: { violated: "data-race" },\n});\n');
  user.write("protocols/counter.ts", `${counter}${plain.slice(plain.indexOf("export const"))}`);
  mkdirSync(user.path("node_modules/.bin"), { recursive: true });
  symlinkSync("../ipc-check/bin/ipc-check.js", user.path("node_modules/.bin/ipc-check"));
  const shell = (command: string): string =>
    execFileSync("bash", ["-ec", command], {
      cwd: user.root,
      encoding: "utf8",
      stdio: "pipe",
      env: { ...process.env, NO_COLOR: "1", GITHUB_STEP_SUMMARY: "" },
    });

  shell("npx ipc-check verify --update-baseline --quiet");
  const steps = [...workflow.matchAll(/^ +(?:- )?run: (.*)$/gmu)].map(([, command = ""]) => command);
  expect(steps[0]).toBe("npm ci");
  expect(steps.length).toBeGreaterThan(2);
  const said = steps.slice(1).map(shell).join("");
  expect(said).toContain("2 checks: 1 holds, 1 violated; all as expected");
  expect(said).toContain("ipc-check: 2 checks, 0 to look at");
  for (const file of ["ipc-check.sarif", "ipc-check.xml", "ipc-check-pictures/protocols-counter-plain-data-race.svg"])
    expect(existsSync(user.path(file)), file).toBe(true);
  expect(shell("node node_modules/vitest/vitest.mjs run counter.test.ts --root .")).toMatch(/Tests\s+2 passed/u);
}, 120_000);

test("the lock file names no registry", () => {
  expect(readFileSync("package-lock.json", "utf8")).not.toContain('"resolved"');
});
