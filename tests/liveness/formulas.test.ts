/** Formulas and automata alone: what parses to what, what is wrong and where, and which words an automaton accepts. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { type Automaton, automatonOf } from "../../dist/model/ltl/automaton.js";
import { type Formula, formulaText, normalForm } from "../../dist/model/ltl/formula.js";
import { FormulaError, parseFormula } from "../../dist/model/ltl/parse.js";
import { protocol } from "../../dist/model/language/protocol.js";
import * as shm from "../../dist/kernel/shm/index.js";

const names = ["p", "q", "r"];
const text = (formula: string): string => formulaText(parseFormula(formula, names), (atom) => names[atom] ?? "");

describe("a formula", () => {
  test.each([
    ["[]p", "[]p"],
    ["G F p", "[]<>p"],
    ["p -> q -> r", "(!p || (!q || r))"],
    ["p U q U r", "(p U (q U r))"],
    ["p W q", "(q V (p || q))"],
    ["p /\\ q \\/ ~r", "((p && q) || !r)"],
    ["[](p -> <>q)", "[](!p || <>q)"],
    ["p U q && r", "((p U q) && r)"],
    ["p V q", "(p V q)"],
    ["X !p", "X !p"],
  ])("%s reads as %s", (given, expected) => expect(text(given)).toBe(expected));

  test.each([
    ["", 0, "the formula is empty"],
    ["[](p -> )", 8, "has no operand"],
    ["[](p -> q", 9, "is not closed"],
    ["p q", 2, "an operator is missing"],
    ["p)", 1, "closes nothing"],
    ["p & q", 2, "write &&"],
    ["[]s", 2, 'no predicate "s"'],
    ["U p", 0, "has no operand on its left"],
    ["p ->", 4, "an operand is missing"],
  ])("%j is wrong at %i: %s", (given, at, message) => {
    try {
      parseFormula(given, names);
    } catch (error) {
      expect(error).toBeInstanceOf(FormulaError);
      expect((error as FormulaError).at).toBe(at);
      expect((error as FormulaError).message).toContain(message);
      return;
    }
    throw new Error("it was read");
  });

  it("that is wrong is reported by the protocol with its place", () => {
    const declare = (): unknown =>
      protocol("x", {
        kernel: shm.kernel(),
        threads: { t: { *run() {} } },
        liveness: ({ ltl }) => ({ soon: ltl("[](asked -> <>answred)", { asked: () => true, answered: () => true }) }),
      });
    expect(declare).toThrow('there is no predicate "answred"; did you mean "answered"?\n  [](asked -> <>answred)\n                ^');
  });
});

/** The truth of a formula on the word `letters`, whose part from `loop` on repeats for ever. */
function isTrue(formula: Formula, letters: readonly number[], loop: number): boolean {
  const next = (i: number): number => (i + 1 < letters.length ? i + 1 : loop);
  const at = (part: Formula): readonly boolean[] => {
    switch (part.op) {
      case "true":
      case "false":
        return letters.map(() => part.op === "true");
      case "atom":
        return letters.map((letter) => ((letter >> part.atom) & 1) === 1);
      case "not":
        return at(part.of).map((value) => !value);
      case "next": {
        const of = at(part.of);
        return letters.map((_, i) => of[next(i)] === true);
      }
      case "and":
      case "or":
      case "until":
      case "release": {
        const [left, right] = [at(part.left), at(part.right)];
        const both = (i: number): boolean => left[i] === true && right[i] === true;
        const either = (i: number): boolean => left[i] === true || right[i] === true;
        if (part.op === "and" || part.op === "or") return letters.map((_, i) => (part.op === "and" ? both(i) : either(i)));
        let found: readonly boolean[] = letters.map(() => part.op === "release");
        for (let round = 0; round <= letters.length; round++) {
          const before = found;
          found = letters.map((_, i) => {
            const later = before[next(i)] === true;
            return part.op === "until" ? right[i] === true || (left[i] === true && later) : right[i] === true && (left[i] === true || later);
          });
        }
        return found;
      }
    }
  };
  return at(formula)[0] === true;
}

/** Whether an automaton accepts that word: some state and place are reached from which a cycle meets every acceptance set. */
function accepts({ edges, sets }: Automaton, letters: readonly number[], loop: number): boolean {
  if (edges.length === 0) return false;
  const next = (i: number): number => (i + 1 < letters.length ? i + 1 : loop);
  const key = (state: number, i: number): number => state * letters.length + i;
  const on = (node: number): { readonly to: number; readonly marks: number }[] => {
    const [state, i] = [Math.floor(node / letters.length), node % letters.length];
    const letter = letters[i] ?? 0;
    return (edges[state] ?? [])
      .filter(({ yes, no }) => (letter & yes) === yes && (letter & no) === 0)
      .map(({ to, marks }) => ({ to: key(to, next(i)), marks }));
  };
  const reach = (from: number): Set<number> => {
    const seen = new Set(on(from).map(({ to }) => to));
    for (const node of seen) for (const { to } of on(node)) seen.add(to);
    return seen;
  };
  return [...reach(0), 0].some((node) => {
    const there = reach(node);
    if (!there.has(node)) return false;
    const inside = [...there].filter((other) => reach(other).has(node));
    const met = inside.flatMap((other) => on(other).filter(({ to }) => inside.includes(to))).reduce((all, { marks }) => all | marks, 0);
    return met === 2 ** sets - 1;
  });
}

const formulas: fc.Arbitrary<Formula> = fc.letrec<{ formula: Formula }>((tie) => ({
  formula: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.nat(2).map((atom): Formula => ({ op: "atom", atom })),
    fc.constantFrom<Formula>({ op: "true" }, { op: "false" }),
    fc.tuple(fc.constantFrom("not" as const, "next" as const), tie("formula")).map(([op, of]): Formula => ({ op, of })),
    fc
      .tuple(fc.constantFrom("and" as const, "or" as const, "until" as const, "release" as const), tie("formula"), tie("formula"))
      .map(([op, left, right]): Formula => ({ op, left, right })),
  ),
})).formula;

describe("the automaton of a formula", () => {
  it("accepts the words on which the formula is true, that of its negation the others", () => {
    let [yes, no] = [0, 0];
    fc.assert(
      fc.property(formulas, fc.array(fc.nat(7), { minLength: 1, maxLength: 4 }), fc.nat(3), (formula, letters, from) => {
        const loop = from % letters.length;
        const expected = isTrue(formula, letters, loop);
        expect(accepts(automatonOf(normalForm(formula)), letters, loop)).toBe(expected);
        expect(accepts(automatonOf(normalForm(formula, true)), letters, loop)).toBe(!expected);
        if (expected) yes++;
        else no++;
      }),
      { numRuns: Number(process.env["IPC_CHECK_RUNS"] ?? 400), seed: Number(process.env["IPC_CHECK_SEED"] ?? 1) },
    );
    expect(Math.min(yes, no)).toBeGreaterThan(40);
  });

  it("has two states for a response and none for what is never true", () => {
    expect(automatonOf(normalForm(parseFormula("[](p -> <>q)", names), true)).edges).toHaveLength(2);
    expect(automatonOf(normalForm(parseFormula("p && !p", names))).edges).toHaveLength(0);
  });
});
