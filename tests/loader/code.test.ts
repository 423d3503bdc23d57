/** Compiled code beside its source: taken up where it fits, and never in the way. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { run, writeCompiled } from "../../dist/model/loader/code.js";
import { counter, project } from "./project.ts";

const here = project();
afterAll(here.remove);

const load = (specifier: string): Promise<unknown> => import(specifier);
const module = here.path("m.js");
const code = here.path("m.code.js");
const source = (value: number): string => `(function($i,$u,$d){"use strict";const f=(x)=>x+$i[0].one+${value};return{f,url:$u,load:$d}})`;
const result = (): unknown => (run(pathToFileURL(module).href, [{ one: 1 }], load)["f"] as (x: number) => number)(40);

describe("code that was cut out of a module", () => {
  test("is run with what the module imports, its URL and its import()", async () => {
    writeFileSync(code, source(1));
    const exports = run(pathToFileURL(module).href, [{ one: 1 }], load);
    expect(exports["url"]).toBe(pathToFileURL(module).href);
    expect(await (exports["load"] as typeof load)("node:path")).toHaveProperty("join");
    expect(result()).toBe(42);
  });

  test("is the same with what was compiled, and when that is damaged, cut off, empty, or of another text of the same length", () => {
    writeFileSync(code, source(1));
    expect(result()).toBe(42);
    writeCompiled();
    const compiled = `${code}.compiled`;
    const whole = readFileSync(compiled);
    expect(result()).toBe(42);
    const damaged = Buffer.from(whole);
    damaged.writeUInt8(damaged.readUInt8(damaged.length >> 1) ^ 0xff, damaged.length >> 1);
    writeFileSync(compiled, damaged);
    expect(result()).toBe(42);
    truncateSync(compiled, whole.length - 7);
    expect(result()).toBe(42);
    writeFileSync(compiled, "");
    expect(result()).toBe(42);
    writeFileSync(compiled, whole);
    writeFileSync(code, source(2));
    expect(result()).toBe(43);
  });
});

describe("the command", () => {
  const verify = (...flags: readonly string[]): unknown => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, resolve("bin/ipc-check.js"), "verify", here.write("counter.ts", counter), "-q"], {
      cwd: here.root,
      encoding: "utf8",
    });
    return { status, stdout: stdout.split("  ")[0], stderr };
  };

  test("has its code compiled by the build, and runs the same where V8 refuses it", () => {
    const main = readFileSync("dist/bundle/cli/main.js", "utf8");
    const chunks = [...main.matchAll(/"\.\.\/(chunks\/\w+)\.js"/g)].map(([, name]) => `dist/bundle/${name}.code.js.compiled`);
    expect([...chunks, "dist/bundle/cli/main.code.js.compiled"].some((each) => existsSync(each))).toBe(true);
    const usual = verify();
    expect(usual).toEqual({ status: 0, stdout: "holds", stderr: "" });
    // Other flags are to V8 as another version is.
    expect(verify("--no-opt")).toEqual(usual);
  });
});
