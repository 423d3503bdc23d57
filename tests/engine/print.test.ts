import { expect, test } from "vitest";
import { initialState } from "../../dist/model/system/interpret.js";
import { printSystem, showState } from "../../dist/model/system/print.js";
import { counters } from "./systems.js";

test("a system and a state of it can be read", () => {
  const system = counters(1, 3);
  const text = printSystem(system);
  expect(text).toContain("count[0]");
  expect(text).toContain("% 3");
  const outcome = initialState(system);
  if (outcome.kind !== "state") throw new Error("no initial state");
  expect(showState(system, outcome.state)).toContain("count[0]");
});
