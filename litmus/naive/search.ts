/**
 * The naive enumerator: all executions of a litmus program by depth-first search over copied JavaScript values. It shares
 * with the checked path only the program type, so that the two can be held against each other.
 *
 * A memory model is a function from a state and the next instruction to the states after it, and another one for what
 * memory does by itself. Local instructions run together with the step before them.
 */
import { type Enumeration, distinct, outcomeNames } from "../outcome.ts";
import { type Expression, evaluate, type Instruction, type Program } from "../program.ts";

/** A thread between two steps. */
export interface Thread {
  readonly at: number;
  readonly registers: Readonly<Record<string, number>>;
}

/** Memory operations, as a model sees them: expressions have become values. */
export type MemoryStep = Extract<Instruction, { op: "load" | "store" | "exchange" | "modify" | "compareExchange" | "await" | "fence" }>;

/** What one memory step can lead to: the memory after it and the value read, if any. */
export interface Effect<M> {
  readonly memory: M;
  readonly value: number | null;
}

export interface NaiveModel<M> {
  readonly start: (program: Program) => M;
  /** All effects of a step; none if it must wait. */
  readonly effects: (memory: M, thread: number, step: MemoryStep, value: (expression: Expression) => number) => readonly Effect<M>[];
  /** What memory can do by itself. */
  readonly background: (memory: M) => readonly M[];
  /** Final value of a location. */
  readonly final: (memory: M, location: string) => number;
  readonly key: (memory: M) => string;
}

interface State<M> {
  readonly memory: M;
  readonly threads: readonly Thread[];
}

/** Enumerates all executions; `limit` states at most. */
export function enumerate<M>(program: Program, model: NaiveModel<M>, limit: number = 1_000_000): Enumeration {
  const names = outcomeNames(program);
  const registersOf = (t: number): Record<string, number> =>
    Object.fromEntries(names.filter((name) => name.startsWith(`${t}:`)).map((name) => [name.slice(name.indexOf(":") + 1), program.registers.get(name) ?? 0]));
  const found = { collision: false, assertion: false, deadlock: false, bounded: false };
  let transitions = 0;

  /** Runs local instructions up to the next visible one; null if an assertion fails. */
  const settle = (t: number, thread: Thread): Thread | null => {
    const code = program.threads[t] ?? [];
    const registers: Record<string, number> = { ...thread.registers };
    const value = (name: string): number => registers[name] ?? 0;
    let at = thread.at;
    for (let fuel = 10_000; fuel > 0; fuel--) {
      const instruction = code[at];
      if (instruction === undefined) return { at: code.length, registers };
      if (instruction.op === "set") registers[instruction.register] = evaluate(instruction.value, value);
      else if (instruction.op === "assert") {
        if (evaluate(instruction.condition, value) === 0) {
          found.assertion = true;
          return null;
        }
      } else if (instruction.op === "branch") {
        if (evaluate(instruction.condition, value) !== 0) {
          at = instruction.target;
          continue;
        }
      } else return { at, registers };
      at++;
    }
    found.bounded = true;
    return null;
  };

  /** In which critical section a thread is: it stands just before a `leave`. */
  const sections = program.threads.map(sectionAt);
  const section = (t: number, thread: Thread): number | null => sections[t]?.[thread.at] ?? null;

  const outcomes: number[][] = [];
  const seen = new Set<string>();
  const open: State<M>[] = [];
  const add = (state: State<M>): void => {
    const key = `${model.key(state.memory)}|${JSON.stringify(state.threads)}`;
    if (seen.has(key)) return;
    seen.add(key);
    open.push(state);
  };

  const first = program.threads.map((_, t) => settle(t, { at: 0, registers: registersOf(t) }));
  if (first.every((thread): thread is Thread => thread !== null)) add({ memory: model.start(program), threads: first });

  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (seen.size > limit) {
      found.bounded = true;
      break;
    }
    const { memory, threads } = state;
    const inside = threads.map((thread, t) => section(t, thread)).filter((s): s is number => s !== null);
    if (new Set(inside).size < inside.length) found.collision = true;
    let steps = 0;
    const next = (memoryAfter: M, t: number, thread: Thread): void => {
      steps++;
      transitions++;
      const settled = settle(t, thread);
      if (settled !== null) add({ memory: memoryAfter, threads: threads.map((other, o) => (o === t ? settled : other)) });
    };
    threads.forEach((thread, t) => {
      const instruction = program.threads[t]?.[thread.at];
      if (instruction === undefined) return;
      const value = (expression: Expression): number => evaluate(expression, (name) => thread.registers[name] ?? 0);
      switch (instruction.op) {
        case "enter":
        case "leave":
          next(memory, t, { at: thread.at + 1, registers: thread.registers });
          break;
        case "load":
        case "store":
        case "exchange":
        case "modify":
        case "compareExchange":
        case "await":
        case "fence":
          for (const effect of model.effects(memory, t, instruction, value)) {
            const register = "register" in instruction ? instruction.register : null;
            next(effect.memory, t, {
              at: thread.at + 1,
              registers: register === null || effect.value === null ? thread.registers : { ...thread.registers, [register]: effect.value },
            });
          }
          break;
        case "set":
        case "branch":
        case "assert":
          throw new Error("local instructions have been run");
      }
    });
    for (const after of model.background(memory)) {
      steps++;
      transitions++;
      add({ memory: after, threads });
    }
    if (steps > 0) continue;
    if (threads.every((thread, t) => thread.at >= (program.threads[t]?.length ?? 0))) outcomes.push(names.map((name) => finalValue(name, state, model)));
    else found.deadlock = true;
  }
  return { names, outcomes: distinct(outcomes), ...found, states: seen.size, transitions };
}

function finalValue<M>(name: string, state: State<M>, model: NaiveModel<M>): number {
  const colon = name.indexOf(":");
  if (colon < 0) return model.final(state.memory, name);
  return state.threads[Number(name.slice(0, colon))]?.registers[name.slice(colon + 1)] ?? 0;
}

/** For each instruction, the section that a thread standing there is in. */
function sectionAt(code: readonly Instruction[]): readonly (number | undefined)[] {
  let open: number | undefined;
  return code.map((instruction) => {
    const now = open;
    if (instruction.op === "enter") open = instruction.section;
    if (instruction.op === "leave") open = undefined;
    return now;
  });
}
