/**
 * Random transition systems of replicas and one other thread: shared variables, a place of its own for each replica, a variable that
 * names one of them; loops, choices, guards that are true for a while only.
 */
import type { Code, Expr, Location, Statement, System, Terminator } from "../../dist/model/system/system.js";
import { always, assign, bin, block, c, code, complete, eq, load, SystemBuilder, temp, when } from "../engine/build.ts";
import { randomNumbers } from "../partial-order/loose-system.ts";
import { demanding, formula, type Random } from "./random-runs.ts";

/** What a location is about; the same for all replicas. */
interface Plan {
  readonly role: "shared" | "count" | "own" | "name" | "choose" | "wait" | "wait own" | "wait named" | "wait unnamed" | "work" | "prune";
  readonly variable: number;
  readonly value: number;
  readonly next: number;
  /** Where it goes if its local is 1. */
  readonly other: number | null;
}

export function replicatedSystem(seed: number): System {
  const random = randomNumbers(seed);
  const b = new SystemBuilder();
  b.operations = [{ name: "own", results: [{ name: "value", type: { kind: "int" } }] }];
  const replicas = 2 + random(2);
  const threads = replicas + 1;
  const sizes = [1 + random(replicas === 3 ? 2 : 3), 1 + random(2)];
  const groupOf = (t: number): number => (t < replicas ? 0 : 1);
  const sizeOf = (t: number): number => sizes[groupOf(t)] ?? 1;
  const pcs = Array.from({ length: threads }, (_, t) => b.variable(`t${t}.at`, 0, sizeOf(t), { role: "pc", thread: t, type: { kind: "location" } }));
  const shared = [b.variable("s0", 0, 1), b.variable("s1", 0, 2)];
  const slots = b.variable("slots", 0, 1, { length: threads });
  const named = b.variable("named", 0, threads - 1, { type: { kind: "thread" }, initial: [replicas] });
  const locals = Array.from({ length: threads }, (_, t) => b.variable(`t${t}.x`, 0, 1, { role: "local", thread: t }));
  const plans = sizes.map((size): readonly Plan[] =>
    Array.from({ length: size }, (_, l): Plan => {
      const roles: readonly Plan["role"][] = [
        "shared",
        "shared",
        "count",
        "own",
        "own",
        "name",
        "name",
        "choose",
        "wait",
        "wait",
        "wait own",
        "wait named",
        "wait unnamed",
        "work",
        "prune",
      ];
      return {
        role: roles[random(roles.length)] ?? "work",
        variable: shared[random(2)] ?? 0,
        value: random(2),
        next: l + 1 < size ? l + 1 : random(3) === 0 ? size : 0,
        other: random(3) === 0 ? random(size + 1) : null,
      };
    }),
  );
  const stoppable = [random(5) === 0, random(6) === 0];
  for (let t = 0; t < threads; t++) {
    const x = locals[t] ?? 0;
    const locations = (plans[groupOf(t)] ?? []).map(({ role, variable, value, next, other }, l): Location => {
      const leave = (to: number): Terminator => (to === sizeOf(t) ? { op: "finish" } : { op: "yield", location: to });
      const change: readonly Statement[] =
        role === "choose" ? [assign(x, bin("&", temp(0), c(1)))] : role === "work" ? [assign(x, bin("^", load(x), c(1)))] : [];
      const onward: Code =
        other === null
          ? code(1, block(change, leave(next)))
          : code(1, block(change, { op: "branch", condition: eq(load(x), c(1)), then: 1, else: 2 }), block([], leave(other)), block([], leave(next)));
      const own = complete(c(t), 0, role === "choose" ? temp(0) : c(0));
      const writes: readonly Statement[] =
        role === "shared"
          ? [assign(variable, c(value))]
          : role === "count"
            ? [assign(variable, bin("%", bin("+", load(variable), c(1)), c(2)))]
            : role === "own"
              ? [assign(slots, c(value), c(t))]
              : role === "name"
                ? [assign(named, c(t))]
                : [];
      const guards: Partial<Record<Plan["role"], Expr>> = {
        wait: eq(load(variable), c(value)),
        "wait own": eq(load(slots, c(t)), c(value)),
        "wait named": eq(load(named), c(t)),
        "wait unnamed": bin("!=", load(named), c(t)),
      };
      const guard = guards[role];
      const body =
        role === "prune"
          ? code(
              1,
              block([], { op: "branch", condition: eq(load(variable), c(value)), then: 1, else: 2 }),
              block([], { op: "prune" }),
              block([own], { op: "end" }),
            )
          : code(1, block([...writes, own], { op: "end" }));
      const id = b.transition({
        rule: role,
        thread: t,
        location: l,
        picks: role === "choose" ? 2 : 1,
        guard: guard === undefined ? always : when(guard),
        body,
      });
      return b.location(l, onward, [id], { results: 1 });
    });
    b.process({ group: groupOf(t) === 0 ? "w" : "d", pc: pcs[t] ?? 0, locals: [x], locations, stoppable: stoppable[groupOf(t)] ?? false });
  }
  if (random(6) === 0)
    b.transition({ kind: "background", guard: when(eq(load(shared[0] ?? 0), c(1))), body: code(1, block([assign(shared[0] ?? 0, c(0))], { op: "end" })) });

  const system = b.build();
  const any = (of: (t: number) => Expr): Expr => Array.from({ length: replicas }, (_, t) => of(t)).reduce((left, right): Expr => ({ op: "or", left, right }));
  const every = (of: (t: number) => Expr): Expr =>
    Array.from({ length: replicas }, (_, t) => of(t)).reduce((left, right): Expr => ({ op: "and", left, right }));
  const predicate = (): Expr => {
    const location = random((sizes[0] ?? 1) + 1);
    const value = random(2);
    // Of one replica: then nothing is exchanged.
    if (random(12) === 0) return eq(load(pcs[0] ?? 0), c(location));
    switch (random(6)) {
      case 0:
        return any((t) => eq(load(pcs[t] ?? 0), c(location)));
      case 1:
        return every((t) => eq(load(pcs[t] ?? 0), c(location)));
      case 2:
        return any((t) => eq(load(slots, c(t)), c(value)));
      case 3:
        return eq(load(pcs[replicas] ?? 0), c(random((sizes[1] ?? 1) + 1)));
      case 4:
        return eq(load(named), c(replicas));
      default:
        return eq(load(shared[random(2)] ?? 0), c(value));
    }
  };
  return demanding(system, {
    p: predicate(),
    q: predicate(),
    formulas: Array.from({ length: 6 }, () => formula(random, 1 + random(3))),
    fairness: fairness(replicas, random),
    steps: random(6) === 0 ? Array.from({ length: replicas }, (_, thread) => ({ thread, location: 0, strength: "weak" as const })) : [],
    progress: random(3) === 0,
  });
}

function fairness(replicas: number, random: Random): readonly ("none" | "weak" | "strong")[] {
  const mine = random(4) === 0 ? "none" : "weak";
  return [...Array.from({ length: replicas }, () => mine as "none" | "weak"), (["none", "weak", "strong"] as const)[random(3)] ?? "weak"];
}
