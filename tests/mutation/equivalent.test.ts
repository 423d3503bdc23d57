/** The list of mutants that change nothing stays true to the rules as they are. */
import { expect, test } from "vitest";
import { equivalents, withoutEffect } from "./equivalent.ts";
import { libraryOf } from "./judge.ts";
import { mutantsOf } from "./mutants.ts";

test.each([...new Set(equivalents.map(({ kernel }) => kernel))])("each equivalent mutant of %s is one of its mutants, with a reason", async (kernel) => {
  const library = await libraryOf(kernel);
  const all = mutantsOf(library.map(({ instance }) => instance));
  const own = equivalents.filter((each) => each.kernel === kernel);
  expect(withoutEffect(kernel, all).size).toBe(own.length);
  for (const { reason } of own) expect(reason.length).toBeGreaterThan(20);
});
