/** Random litmus programs: two or three threads, two locations, all instructions and orders. */
import fc from "fast-check";
import type { AccessOrder, Expression, Instruction, Program } from "../../dist/litmus/program.js";

const location = fc.constantFrom("x", "y");
const register = fc.constantFrom("a", "b");
const loadOrder = fc.constantFrom<AccessOrder>("plain", "relaxed", "acquire", "seq_cst");
const storeOrder = fc.constantFrom<AccessOrder>("plain", "relaxed", "release", "seq_cst");
const order = fc.constantFrom("relaxed", "acquire", "release", "acq_rel", "seq_cst") as fc.Arbitrary<"relaxed" | "acquire" | "release" | "acq_rel" | "seq_cst">;
const failure = fc.constantFrom("relaxed", "acquire", "seq_cst") as fc.Arbitrary<"relaxed" | "acquire" | "seq_cst">;
const fenceOrder = fc.constantFrom("acquire", "release", "acq_rel", "seq_cst") as fc.Arbitrary<"acquire" | "release" | "acq_rel" | "seq_cst">;
const value: fc.Arbitrary<Expression> = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 2 }).map((constant): Expression => ({ op: "const", value: constant })) },
  { weight: 1, arbitrary: register.map((name): Expression => ({ op: "register", name })) },
);

const store: fc.Arbitrary<Instruction> = fc.record({ op: fc.constant("store" as const), location, value, order: storeOrder });
const load: fc.Arbitrary<Instruction> = fc.record({ op: fc.constant("load" as const), register, location, order: loadOrder });
const other: fc.Arbitrary<Instruction> = fc.oneof(
  fc.record({ op: fc.constant("exchange" as const), register: fc.option(register), location, value, order }),
  fc.record({
    op: fc.constant("modify" as const),
    register,
    location,
    operator: fc.constant("+" as const),
    operand: fc.constant<Expression>({ op: "const", value: 1 }),
    order,
  }),
  fc.record({ op: fc.constant("compareExchange" as const), register, location, expected: value, desired: value, order, failure }),
  fc.record({ op: fc.constant("fence" as const), order: fenceOrder }),
  fc.record({ op: fc.constant("await" as const), location, operator: fc.constantFrom("==", "!=") as fc.Arbitrary<"==" | "!=">, value, order: loadOrder }),
  // Skips the next instruction.
  fc.record({ op: fc.constant("branch" as const), condition: register.map((name): Expression => ({ op: "register", name })), target: fc.constant(-1) }),
);
const instruction = fc.oneof({ weight: 5, arbitrary: store }, { weight: 5, arbitrary: load }, { weight: 3, arbitrary: other });
/** Loads get registers of their own; branches skip one instruction. */
const arrange = (each: Instruction, at: number, code: readonly Instruction[]): Instruction =>
  each.op === "branch" ? { ...each, target: Math.min(at + 2, code.length) } : each.op === "load" && at > 0 ? { ...each, register: `r${at}` } : each;
const threadOf = (one: fc.Arbitrary<Instruction>): fc.Arbitrary<Instruction[]> =>
  fc.array(one, { minLength: 2, maxLength: 4, size: "max" }).map((code) => code.map(arrange));
/** All instructions, or accesses only: without fences and waits more of the weak behaviour shows. */
const threads = fc.oneof(
  fc.array(threadOf(instruction), { minLength: 2, maxLength: 3 }),
  fc.array(threadOf(fc.oneof(store, load)), { minLength: 2, maxLength: 2 }),
);
export const program: fc.Arbitrary<Program> = threads
  .filter((all) => all.flat().length <= 8)
  .map((all) => ({
    name: "random",
    locations: new Map([
      ["x", 0],
      ["y", 0],
    ]),
    threads: all,
    registers: new Map(),
  }));
