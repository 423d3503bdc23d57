/**
 * Random transition systems from a number: threads, shared and local variables (arrays of one and of several words),
 * guards, bodies with branches and loops, picks, completions of other threads known and unknown before, terminations,
 * failures, assumptions, waits, accesses, all three schedulings.
 */
import type { Block, Code, Expr, Location, Statement, System, Terminator } from "../../dist/model/system/system.js";
import { assign, bin, block, c, code, complete, eq, goTo, load, set, SystemBuilder, temp, when } from "./build.ts";

/** Mulberry32. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) % below;
  };
}

export function randomSystem(seed: number): System {
  const random = generator(seed);
  const chance = (percent: number): boolean => random(100) < percent;
  const pick = <T>(items: readonly T[]): T => {
    const item = items[random(items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  };
  const b = new SystemBuilder();
  const threads = 2 + random(2);
  const size = Array.from({ length: threads }, () => 2 + random(4));
  b.scheduling = pick(["free", "free", "free", "priority", "round-robin"] as const);
  b.cpus = 1 + random(2);
  b.operations = [
    { name: "own", results: [{ name: "value", type: { kind: "int" } }] },
    {
      name: "served",
      results: [
        { name: "value", type: { kind: "int" } },
        { name: "from", type: { kind: "thread" } },
      ],
    },
  ];
  const stoppable = Array.from({ length: threads }, () => chance(25));
  const stops = b.scheduling !== "free";
  const pcs = size.map((locations, t) => b.variable(`t${t}.at`, 0, locations + (stops ? 1 : 0), { role: "pc", thread: t, type: { kind: "location" } }));
  const shared = [b.variable("flag", 0, 1), b.variable("number", -2, 1 + random(9))];
  if (chance(60)) shared.push(b.variable("array", 0, 1 + random(2), { length: 2 + random(2) }));
  // Nine bits each: at most seven to a word.
  if (chance(30)) shared.push(b.variable("long", 0, 300, { length: 9, role: "kernel" }));
  const locals = size.map((_, t) => [
    b.variable(`t${t}.x`, -1, 1, { role: "local", thread: t, initial: [-1] }),
    b.variable(`t${t}.y`, 0, 2, { role: "local", thread: t }),
  ]);
  if (b.scheduling === "round-robin")
    b.current = b.variable("current", -1, threads - 1, { role: "kernel", length: b.cpus, initial: Array.from({ length: b.cpus }, () => -1) });
  b.failures = [
    { kind: "assertion", message: "first check", site: null },
    { kind: "out-of-range", message: "a range", site: null },
  ];

  /** Brings any value into a range. */
  const into = (value: Expr, min: number, max: number): Expr => {
    const n = max - min + 1;
    return n === 1 ? c(min) : bin("+", bin("%", bin("+", bin("%", value, c(n)), c(n)), c(n)), c(min));
  };
  const element = (variable: number, temps: number, own: readonly number[], depth: number): Expr | null => {
    const length = b.variables[variable]?.length ?? 1;
    return length === 1 ? null : chance(50) ? c(random(length)) : into(expression(temps, own, depth), 0, length - 1);
  };
  const expression = (temps: number, own: readonly number[], depth: number): Expr => {
    if (depth <= 0) {
      const choice = random(3);
      if (choice === 0) return c(random(5) - 2);
      if (choice === 1 && temps > 0) return temp(random(temps));
      const variable = pick([...shared, ...own]);
      return load(variable, element(variable, 0, [], -1));
    }
    const sub = (): Expr => expression(temps, own, depth - 1 - random(2));
    switch (random(8)) {
      case 0:
        return { op: "unary", operator: pick(["!", "-", "~"] as const), operand: sub() };
      case 1:
        return { op: pick(["and", "or"] as const), left: sub(), right: sub() };
      case 2:
        return { op: "select", condition: sub(), then: sub(), else: sub() };
      case 3:
        return bin(pick(["+", "-", "&", "|", "^"] as const), sub(), sub());
      case 4:
        return bin("*", into(sub(), -3, 3), into(sub(), -3, 3));
      case 5:
        return bin(pick(["<<", ">>", ">>>"] as const), into(sub(), 0, 7), into(sub(), 0, 3));
      case 6:
        return bin("%", sub(), c(1 + random(3)));
      default:
        return bin(pick(["<", "<=", ">", ">=", "==", "!="] as const), sub(), sub());
    }
  };
  const assignment = (temps: number, own: readonly number[]): Statement => {
    const variable = pick([...shared, ...own]);
    const { min = 0, max = 0 } = b.variables[variable] ?? {};
    // Long arrays stay nearly constant, or the state space explodes.
    const top = max > 100 ? 1 : max;
    return assign(variable, into(expression(temps, own, 2), min, top), element(variable, temps, own, 1));
  };
  /** A graph of up to four blocks, perhaps with a loop in front. `first` temporaries are given. */
  const graph = (first: number, own: readonly number[], ends: () => readonly [readonly Statement[], Terminator]): Code => {
    const blocks: Block[] = [];
    const counter = first;
    const temps = first + 1;
    const some = (): Statement[] => Array.from({ length: random(3) }, () => assignment(first, own));
    if (chance(20)) {
      blocks.push(block([set(counter, c(0))], { op: "goto", block: 1 }));
      blocks.push(block([], { op: "branch", condition: bin("<", temp(counter), c(1 + random(3))), then: 2, else: 3 }));
      blocks.push(block([...some(), set(counter, bin("+", temp(counter), c(1)))], { op: "goto", block: 1 }));
    }
    const at = blocks.length;
    const exit = (): Block => {
      const [statements, end] = ends();
      return block([...some(), ...statements], end);
    };
    switch (random(3)) {
      case 0:
        blocks.push(exit());
        break;
      case 1:
        blocks.push(block(some(), { op: "branch", condition: expression(first, own, 2), then: at + 1, else: at + 2 }), exit(), exit());
        break;
      default:
        blocks.push(
          block(some(), { op: "branch", condition: expression(first, own, 2), then: at + 1, else: at + 2 }),
          block(some(), { op: "goto", block: at + 3 }),
          block(some(), { op: "branch", condition: expression(first, own, 1), then: at + 3, else: at + 4 }),
          exit(),
          exit(),
        );
    }
    return code(temps, ...blocks);
  };

  /** Whether location `l` of a thread waits to be served by others. */
  const serves = size.map((locations) => Array.from({ length: locations }, () => chance(30)));
  const standsServed = (thread: number): Expr =>
    (serves[thread] ?? []).reduce<Expr>((any, served, l) => (served ? { op: "or", left: any, right: eq(load(pcs[thread] ?? 0), c(l)) } : any), c(0));

  for (let t = 0; t < threads; t++) {
    const own = locals[t] ?? [];
    const locations: Location[] = [];
    const continuation = (results: number): Code =>
      graph(results, own, () => {
        const fate = random(40);
        if (fate === 0) return [[], { op: "fail", failure: random(2) }];
        if (fate === 1) return [[], { op: "prune" }];
        if (fate < 3) return [[], { op: "finish" }];
        return [[], { op: "yield", location: random(size[t] ?? 1) }];
      });
    for (let l = 0; l < (size[t] ?? 0); l++) {
      const served = serves[t]?.[l] === true;
      const ids: number[] = [];
      for (let n = served ? random(2) : 1 + random(2); n > 0; n--) {
        const other = (t + 1 + random(threads - 1)) % threads;
        const fate = random(10);
        const picks = chance(25) ? 2 + random(2) : 1;
        const free = chance(60) ? c(1) : expression(1, own, 2);
        const result = expression(1, own, 1);
        const serving = fate < 4;
        // The thread served is known, or read from the state: with two others, one of both.
        const third = (t + 1 + random(threads - 1)) % threads;
        const dynamic: Expr = chance(50) ? c(other) : { op: "select", condition: standsServed(other), then: c(other), else: c(third) };
        const guard: Expr = serving
          ? { op: "and", left: free, right: dynamic.op === "const" ? standsServed(other) : { op: "or", left: standsServed(other), right: standsServed(third) } }
          : free;
        const ownWay: Statement = served ? complete(c(t), 1, result, c(t)) : complete(c(t), 0, result);
        const serve: Statement[] = serving
          ? [complete(dynamic, 1, result, c(t))]
          : fate === 9 && chance(30)
            ? [{ op: "terminate", thread: chance(50) ? c(other) : into(expression(1, own, 1), 0, threads - 1) }]
            : [];
        const body = graph(1, own, () => {
          const end = random(60);
          if (end === 0) return [[], { op: "fail", failure: random(2) }];
          if (end === 1) return [[], { op: "prune" }];
          return [chance(50) ? [ownWay, ...serve] : [...serve, ownWay], { op: "end" }];
        });
        ids.push(b.transition({ thread: t, location: l, picks, guard: when(guard), body }));
      }
      if (stops && stoppable[t] === true)
        ids.push(
          b.transition({
            kind: "stop",
            rule: "stop",
            thread: t,
            location: l,
            body: code(1, block([assign(pcs[t] ?? 0, c((size[t] ?? 0) + 1))], { op: "end" })),
          }),
        );
      const able = size.map((count) => Array.from({ length: count }, () => chance(60)));
      const waits = chance(70)
        ? [
            {
              name: "wait",
              says: `waiting at ${random(2)}`,
              kind: "sleep",
              when: chance(70) ? c(1) : expression(0, own, 1),
              idle: chance(80) ? c(0) : expression(0, own, 1),
              until: chance(50) ? expression(0, own, 1) : null,
              wakers: [{ able, when: chance(60) ? c(1) : eq(temp(0), into(expression(0, own, 1), 0, threads - 1)) }],
            },
          ]
        : [];
      const variable = pick(shared);
      const access = chance(8) ? { variable, index: element(variable, 0, own, 1), write: chance(50), plain: chance(50) } : null;
      locations.push(
        b.location(l, continuation(served ? 2 : 1), ids, { operation: served ? 1 : 0, results: served ? 2 : 1, waits, access, spins: chance(20) }),
      );
    }
    b.process({
      pc: pcs[t] ?? 0,
      locals: own,
      locations,
      stoppable: stoppable[t] ?? false,
      cpu: random(b.cpus),
      priority: random(2),
      stopped: stops ? (size[t] ?? 0) + 1 : null,
      entry: goTo(random(size[t] ?? 1), ...(chance(50) ? [assignment(0, own)] : [])),
    });
  }
  if (chance(15)) b.transition({ kind: "background", guard: when(expression(1, [], 2)), body: code(1, block([assignment(1, [])], { op: "end" })) });
  if (chance(30))
    b.invariants = [{ name: "random", holds: { op: "or", left: expression(0, [], 2), right: bin(">", load(shared[1] ?? 0), c(-2)) }, site: null }];
  return b.build();
}

/** The same system where a scheduler chooses: some steps are timers, and perhaps a variable says what priority a thread runs at. */
export function withTimers(system: System, seed: number): System {
  const random = generator(seed ^ 0x5bd1_e995);
  const inherits = random(2) === 0;
  const shared = system.variables.filter(({ role, thread, length }) => role === "memory" && thread === null && length === 1);
  const processes = system.processes.map((process) => {
    const variable = inherits ? shared[random(2 * shared.length)]?.id : undefined;
    return variable === undefined ? process : { ...process, inherited: load(variable) };
  });
  const transitions = system.transitions.map((transition) =>
    transition.kind === "step" && random(3) === 0 ? { ...transition, timer: true as const } : transition,
  );
  return { ...system, processes, transitions };
}
