/** Locals with a declared range keep it when the program runs. */
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { OutOfRange } from "../../dist/model/language/operation.js";
import { instrument } from "../../dist/model/loader/instrument.js";
import { registryUrl } from "../../dist/model/loader/tool.js";
import { project } from "./project.ts";

let number = 0;
const language = new URL("./model/language/index.js", new URL("../../", registryUrl)).href;
/** Runs the body of a generator function in an instrumented module and returns what it yields and returns. */
async function run(body: string): Promise<unknown> {
  const here = project();
  try {
    const text = `import { local, int, wrapping, record, bool } from "${language}";\nexport function* program() {\n${body}\n}\n`;
    const { code } = instrument(text, { file: "test.js", registry: registryUrl });
    expect(code.split("\n")).toHaveLength(text.split("\n").length);
    const module = (await import(pathToFileURL(here.write(`r${number++}.js`, code)).href)) as { program(): Generator };
    for (const routine = module.program(); ; ) {
      const next = routine.next();
      if (next.done === true) return next.value;
    }
  } finally {
    here.remove();
  }
}

describe("a local with a declared range", () => {
  test.each([
    ["an initial value", "let i = local(int(0, 3), 4);", "i = 4 is outside 0..3"],
    ["a constant", "const i = local(int(0, 3), -1);", "i = -1 is outside 0..3"],
    ["an assignment", "let i = local(int(0, 3), 0); i = 3; i = i + 1;", "i = 4 is outside 0..3"],
    ["a compound assignment", "let i = local(int(0, 3), 2); i -= 1 + 2;", "i = -1 is outside 0..3"],
    ["an increment", "let i = local(int(0, 3), 3); i++;", "i = 4 is outside 0..3"],
    ["a decrement in front", "let i = local(int(0, 3), 0); --i;", "i = -1 is outside 0..3"],
    ["a loop", "for (let i = local(int(0, 2), 0); i < 4; i++) {}", "i = 3 is outside 0..2"],
    ["an assignment in a nested function", "let i = local(int(0, 2), 0); const add = () => { i += 3; }; add();", "i = 3 is outside 0..2"],
    ["a field of a record", "let r = local(record({ a: int(0, 1), b: bool() }), { a: 0, b: true }); r = { a: 2, b: false };", "r.a = 2 is outside 0..1"],
    ["no integer", "let i = local(int(0, 3), 1); i = i % 0;", "i = NaN is not an integer"],
  ])("is left by %s", async (_, body, message) => {
    await expect(run(body)).rejects.toThrow(OutOfRange);
    await expect(run(body)).rejects.toThrow(message);
  });

  test.each([
    [
      "values and results of its expressions",
      "let i = local(int(0, 9), 4); const a = i++; const b = ++i; const c = (i -= 2); const d = i--; i = i * 2; return [a, b, c, d, i];",
      [4, 6, 4, 4, 6],
    ],
    ["wrapping", "let i = local(wrapping(4), 3); const a = i++; const b = i; i -= 1; i += 6; i = i - 4; return [a, b, i];", [3, 0, 1]],
    ["a name of its own in an inner scope", "let i = local(int(0, 1), 1); { let i = 5; i += 5; } for (let i = 7; i < 9; i++) {} return i;", 1],
    ["two in one declaration", "let i = local(int(0, 1), 0), j = local(int(5, 6), 5); i++; j++; return [i, j];", [1, 6]],
    ["yields on the right", "let i = local(int(0, 3), 1); i = (yield 1) ?? 2; i += (yield 2) ?? 1; return i;", 3],
  ])("keeps %s", async (_, body, value) => {
    expect(await run(body)).toEqual(value);
  });

  test("is known by the name that it was imported under only", async () => {
    expect(await run("const local = (domain, value) => value; let i = local(int(0, 1), 7); i++; return i;")).toBe(8);
  });
});
