/** The machine profiles: usable, and every number with its source. */
import { describe, expect, it, test } from "vitest";
import { Multiprocessor } from "../../dist/hardware/multiprocessor.js";
import { checkProfile, costNames, type Profile } from "../../dist/hardware/profile.js";
import { findProfile, profiles, references } from "../../dist/hardware/profiles/index.js";

const machines = profiles.filter(({ name }) => name !== "unit");
const named = machines.map((profile): [string, Profile] => [profile.name, profile]);

describe.each(named)("%s", (name, profile) => {
  it("is a machine that can be built", () => {
    expect(() => checkProfile(profile)).not.toThrow();
    expect(new Multiprocessor({ cpus: 2, memoryBytes: 4 * profile.pageBytes, profile }).cpus).toHaveLength(2);
    expect(findProfile(name)).toBe(profile);
  });

  it("has a source for every number", () => {
    const numbers = [...costNames, "megahertz", "instructionsPerAccess", "ipiDelivery", "cache", "tlb", "storeBuffer"];
    expect(Object.keys(profile.sources).sort()).toEqual([...numbers].sort());
    for (const { basis, reference, note } of Object.values(profile.sources)) {
      expect(note.length).toBeGreaterThan(3);
      if (basis === "published" || basis === "recalled") expect(references).toHaveProperty([reference ?? "none"]);
      if (reference !== null) expect(references).toHaveProperty([reference]);
      expect(basis).not.toBe("definition");
    }
  });

  it("has no negative cost", () => {
    for (const cost of costNames) expect(profile.cycles[cost]).toBeGreaterThanOrEqual(0);
  });
});

test("every reference is cited by some number", () => {
  const cited = new Set(machines.flatMap(({ sources }) => Object.values(sources).map(({ reference }) => reference)));
  expect(Object.keys(references).filter((name) => !cited.has(name as never))).toEqual([]);
});

test("a machine that does not exist is not found", () => {
  expect(findProfile("i386")).toBeNull();
});
