/** docs/cost.md is what the generator writes now, and what it predicts is nowhere among what it predicts from. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { figures, loads, mix, ratios, works } from "../../bench/cost-figures.mjs";
import { costDocument } from "../../bench/cost-table.mjs";
import { profiles, references } from "../../dist/cost/index.js";

test("docs/cost.md is up to date (npm run cost-table)", { timeout: 120_000 }, async () => {
  expect(await costDocument()).toBe(readFileSync("docs/cost.md", "utf8"));
});

describe("figures and parameters are apart", () => {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/gu, " ");
  const cited = Object.values(references).map(({ title, where }) => [plain(title), plain(where)] as const);

  test.each(Object.entries(works))("%s is no source of a machine's numbers", (name, { title, where }) => {
    expect(references).not.toHaveProperty([name]);
    for (const [otherTitle, otherWhere] of cited) {
      expect(otherTitle).not.toBe(plain(title));
      expect(otherWhere).not.toBe(plain(where));
    }
    for (const { sources } of profiles)
      for (const { note, reference } of Object.values(sources)) {
        expect(reference).not.toBe(name);
        expect(plain(note)).not.toContain(plain(title));
      }
  });

  test("every figure names its work, and every work has a figure", () => {
    const named = new Set([...figures, ...ratios, ...loads, mix].map(({ work }) => work));
    expect([...named].sort()).toEqual(Object.keys(works).sort());
  });

  test("no note of a machine's number speaks of messages or of a kernel that is predicted", () => {
    for (const { sources } of profiles) for (const { note } of Object.values(sources)) expect(note).not.toMatch(/\b(IPC|L3|L4|seL4|Mach|message)\b/u);
  });
});
