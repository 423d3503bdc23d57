/** The search for minimal sets against all subsets, on random monotone properties. */
import { expect, test } from "vitest";
import { minimalSets } from "../../dist/counterexamples/repair/minimal-sets.js";

/** A small generator (Knuth's multiplicative), so that a seed is a case. */
function random(seed: number): (below: number) => number {
  let state = (seed * 2654435761) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface Change {
  readonly place: number;
  readonly strength: number;
}

test.each(Array.from({ length: 200 }, (_, index) => index + 1))(
  "case %i: all minimal sets and no others, though each counterexample names more changes than it needs",
  async (seed) => {
    const pick = random(seed);
    const choices: Change[] = Array.from({ length: 2 + pick(4) }, (_, place) =>
      Array.from({ length: 1 + pick(2) }, (_, strength) => ({ place, strength })),
    ).flat();
    const covers = (a: Change, b: Change): boolean => a.place === b.place && a.strength >= b.strength;
    const has = (set: readonly Change[], wanted: Change): boolean => set.some((each) => covers(each, wanted));
    /** Every counterexample goes away with any of its changes, or a stronger one. */
    const counterexamples = Array.from({ length: 1 + pick(5) }, () => choices.filter(() => pick(3) === 0)).filter((each) => each.length > 0);
    const stays = (set: readonly Change[]): readonly Change[] | undefined => counterexamples.find((each) => !each.some((change) => has(set, change)));
    const { sets, complete } = await minimalSets<Change>({
      choices: choices.map((value) => ({ value, weight: 1 + value.strength + (value.place % 2) })),
      covers,
      excludes: (a, b) => a.place === b.place,
      goesOn: () => true,
      check: (set) => {
        const left = stays(set);
        if (left === undefined) return Promise.resolve({ kind: "holds" });
        const stronger = choices.filter((change) => left.some((each) => covers(change, each)));
        const others = choices.filter((change) => pick(6) === 0 && !has(set, change) && !stronger.includes(change));
        return Promise.resolve({ kind: "fails", needs: [...stronger, ...others] });
      },
    });
    const places = [...new Set(choices.map(({ place }) => place))];
    const all = places.reduce<readonly (readonly Change[])[]>(
      (subsets, place) => subsets.flatMap((subset) => [subset, ...choices.filter((each) => each.place === place).map((each) => [...subset, each])]),
      [[]],
    );
    const holding = all.filter((set) => stays(set) === undefined);
    const isBelow = (a: readonly Change[], b: readonly Change[]): boolean => a.every((each) => has(b, each));
    const minimal = holding.filter((set) => !holding.some((other) => other !== set && isBelow(other, set)));
    const shown = (list: readonly (readonly Change[])[]): readonly string[] =>
      list.map((set) => JSON.stringify([...set].sort((a, b) => a.place - b.place))).sort();
    expect(complete).toBe(true);
    expect(shown(sets)).toEqual(shown(minimal));
  },
);

/** A reason rules out the sets that have all of `given` and none of `needs`: changing more can break what less has made. */
interface Reason {
  readonly given: readonly Change[];
  readonly needs: readonly Change[];
}

test.each(Array.from({ length: 200 }, (_, index) => index + 1))(
  "case %i: all minimal sets and no others, though a larger set may achieve less, and though a trial tells only one reason",
  async (seed) => {
    const pick = random(seed);
    const choices: readonly Change[] = Array.from({ length: 3 + pick(3) }, (_, place) =>
      Array.from({ length: 1 + pick(2) }, (_, strength) => ({ place, strength })),
    ).flat();
    const isSame = (a: Change, b: Change): boolean => a.place === b.place && a.strength === b.strength;
    const reasons = Array.from({ length: 2 + pick(8) }, (): Reason => {
      const given = choices.filter((each, index) => pick(4) === 0 && !choices.slice(0, index).some(({ place }) => place === each.place));
      return { given, needs: choices.filter((each) => pick(2) === 0 && !given.some((other) => isSame(other, each))) };
    });
    const against = (set: readonly Change[]): Reason | undefined =>
      reasons.find(({ given, needs }) => given.every((each) => set.includes(each)) && !needs.some((each) => set.includes(each)));
    const { sets, complete } = await minimalSets<Change>({
      choices: choices.map((value) => ({ value, weight: 1 })),
      covers: (a, b) => a === b,
      excludes: (a, b) => a.place === b.place,
      goesOn: () => true,
      check: (set) => Promise.resolve(against(set) === undefined ? { kind: "holds" } : { kind: "fails", ...(against(set) as Reason) }),
    });
    const all = [...new Set(choices.map(({ place }) => place))].reduce<readonly (readonly Change[])[]>(
      (subsets, place) => subsets.flatMap((subset) => [subset, ...choices.filter((each) => each.place === place).map((each) => [...subset, each])]),
      [[]],
    );
    const holding = all.filter((set) => against(set) === undefined);
    const minimal = holding.filter((set) => !holding.some((other) => other !== set && other.every((each) => set.includes(each))));
    const shown = (list: readonly (readonly Change[])[]): readonly string[] => list.map((set) => JSON.stringify(set)).sort();
    expect(complete).toBe(true);
    expect(shown(sets)).toEqual(shown(minimal));
  },
);
