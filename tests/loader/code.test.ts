/** Compiled code beside its source: taken up where it fits, and never in the way. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { exportsOf, writeCompiled } from "../../dist/model/loader/code.js";
import { counter, project } from "./project.ts";

const here = project();
afterAll(here.remove);

const source = (value: number): string =>
  `({imports:["./other.js","node:path"],body:function($i,$u,$d){"use strict";const f=(x)=>x+$i[0].one+${value};${"/* padding */".repeat(400)}return{f,url:$u,load:$d,join:$i[1].join}}})`;

let count = 0;
/** A fresh name: a module is run once. */
function written(value: number, compiled: Uint8Array | null): { readonly url: string; readonly code: string } {
  const name = `m${++count}`;
  writeFileSync(here.path("other.js"), "export const{one}=null;");
  writeFileSync(here.path("other.code.js"), '({imports:[],body:function(){"use strict";return{one:1}}})');
  writeFileSync(here.path(`${name}.code.js`), source(value));
  if (compiled !== null) writeFileSync(here.path(`${name}.code.js.compiled`), compiled);
  return { url: pathToFileURL(here.path(`${name}.js`)).href, code: here.path(`${name}.code.js`) };
}
const result = (value: number, compiled: Uint8Array | null): unknown => (exportsOf(written(value, compiled).url)["f"] as (x: number) => number)(40);

describe("code that was cut out of a module", () => {
  test("is run once, with what the module imports, its URL and its import()", async () => {
    const { url } = written(1, null);
    const exports = exportsOf(url);
    expect(exportsOf(url)).toBe(exports);
    expect(exports["url"]).toBe(url);
    expect(exports["join"]).toBe(join);
    const load = exports["load"] as (specifier: string) => Promise<Record<string, unknown>>;
    expect(await load("node:path")).toHaveProperty("join");
    expect(await load("./other.js")).toEqual({ one: 1 });
    here.write("plain.js", "export const two = 2;");
    expect((await load("./plain.js"))["two"]).toBe(2);
  });

  test("is the same with what was compiled, and when that is damaged, cut off, empty, or of another text of the same length", () => {
    const { url, code } = written(1, null);
    exportsOf(url);
    writeCompiled();
    const whole = readFileSync(`${code}.compiled`);
    expect(result(1, whole)).toBe(42);
    const damaged = Buffer.from(whole);
    damaged.writeUInt8(damaged.readUInt8(damaged.length >> 1) ^ 0xff, damaged.length >> 1);
    for (const bytes of [damaged, whole.subarray(0, -7), Buffer.alloc(0)]) expect(result(1, bytes)).toBe(42);
    expect(result(2, whole)).toBe(43);
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
    expect(existsSync("dist/bundle/cli/main.code.js.compiled")).toBe(true);
    expect(existsSync("dist/bundle/kernel/l4/index.code.js")).toBe(true);
    const usual = verify();
    expect(usual).toEqual({ status: 0, stdout: "holds", stderr: "" });
    // Other flags are to V8 as another version is.
    expect(verify("--no-opt")).toEqual(usual);
  });
});
