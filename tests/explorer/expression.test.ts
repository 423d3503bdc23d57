/** The search language: what it means, what it refuses and where, and that nothing of it is run as code. */
import { describe, expect, test } from "vitest";
import { compileExpression, ExpressionError } from "../../dist/counterexamples/explorer/expression.js";
import { Lookup } from "../../dist/counterexamples/explorer/lookup.js";
import { open } from "./opened.ts";

const l4 = await open("specs/l4/file-server.ts", "broken");
const ring = await open("specs/shm/doorbell-ring.ts", "producerUnfenced");
const names = new Lookup(l4.session.instance, l4.session.system);
const ringNames = new Lookup(ring.session.instance, ring.session.system);
const start = (await l4.session.stateAfter("")) ?? [];
const ringStart = (await ring.session.stateAfter("")) ?? [];

function fault(text: string): { readonly at: number; readonly message: string } {
  try {
    compileExpression(text, names);
  } catch (error) {
    if (error instanceof ExpressionError) return { at: error.at, message: error.message };
    throw error;
  }
  throw new Error(`${text} was accepted`);
}

describe("at the start", () => {
  test.each([
    ['ipc.state[fileServer] == "running"', true],
    ['ipc.state[client[0]] != "running"', false],
    ["ipc.partner[driver] == nobody", true],
    ["length(ipc.senders[fileServer]) == 0", true],
    ["has(ipc.senders[fileServer], client[0])", false],
    ["blocked(fileServer) || finished(driver) || stopped(driver)", false],
    ["!ipc.deleted[driver] && 2 * 3 - 1 == 5 && -7 % 3 == -1", true],
    ["(1 < 2) == true && 3 >= 3 && !(2 > 2) && 1 <= 1", true],
    ["fileServer == 'fileServer'", true],
    ["violated()", false],
    ['violated("deadlock")', false],
    ["ipc.senders[fileServer][0] == driver", false],
  ])("%s is %s", (text, expected) => {
    expect(compileExpression(text, names)(start)).toBe(expected);
  });

  test("store buffers and memory have names", () => {
    expect(compileExpression("head == 0 && length(buffer[0]) == 0", ringNames)(ringStart)).toBe(true);
  });
});

test("at names an operation or a line where a thread can stand", () => {
  const [process] = l4.session.system.processes;
  const location = process?.locations[start[process.pc]?.[0] ?? 0];
  expect(compileExpression(`at(fileServer, "${location?.label}") && at(fileServer, ${location?.site.line})`, names)(start)).toBe(true);
  expect(fault('at(fileServer, "ipc.nothing")').message).toContain("fileServer never stands there; it performs ");
});

describe("is refused with the place", () => {
  test.each([
    ["", 0, "type an expression"],
    ["ipc.state[fileServer] = 3", 22, "write == to compare"],
    ["ipc.state[fileServer] == 3", 22, "a text is compared with a number"],
    ['ipc.state[fileServer] == "runing"', 22, 'it is never "runing"; it can be running'],
    ["ipc.stat[fileServer] == 3", 0, "did you mean ipc.state[fileServer]?"],
    ["ipc.state == 3", 0, "there is no ipc.state alone; there are ipc.state[fileServer]"],
    ["1 + 2", 0, "must be true or false"],
    ["1 == 2 && 3", 7, "what stands after && must be true or false, and is a number"],
    ["blocked(nothere)", 8, "there is nothing named nothere"],
    ["blocked(3)", 0, "needs the name of a thread"],
    ["blockd(driver)", 0, "did you mean blocked?"],
    ["(1 == 1", 7, '")" is missing before the end'],
    ["1 == 1 1", 7, '"1" is not expected here'],
    ["1 == ", 5, "ends too early"],
    ['"abc == 1', 0, "the text is not closed"],
    ["1 == 1; alert(1)", 6, '";" has no meaning here'],
    ["length(3) == 1", 0, "must be a list"],
    ["constructor.constructor == 1", 0, "nothing named constructor.constructor"],
    ["__proto__ == 1", 0, "nothing named __proto__"],
  ])("%s", (text, at, message) => {
    const found = fault(text);
    expect(found.message).toContain(message);
    expect(found.at).toBe(at);
  });
});

test("depth and length have bounds", () => {
  expect(fault(`${"(".repeat(400)}1==1${")".repeat(400)}`)).toMatchObject({ at: 100, message: expect.stringContaining("nested too deeply") });
  expect(fault(`${"!".repeat(400)}true`)).toMatchObject({ at: 99, message: expect.stringContaining("nested too deeply") });
  expect(fault(`${"1+".repeat(600)}1==1`)).toMatchObject({ at: 1000, message: expect.stringContaining("longer than") });
});
