/**
 * Random transition systems of threads that have little to do with each other: private work, a few shared variables and
 * array elements, threads that serve others, loops that count and loops that do not, checks, races, invariants. Waits
 * name truthfully who could end them, as kernels must.
 */
import type { Block, Code, Expr, Location, Statement, System, Terminator, WaitInfo } from "../../dist/model/system/system.js";
import { always, assign, bin, block, c, code, complete, eq, load, SystemBuilder, temp, when } from "../engine/build.ts";

/** Mulberry32. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) % below;
  };
}

type Role = "work" | "private" | "shared" | "guarded" | "array" | "choose" | "served" | "serve" | "halting" | "phase" | "end other";
/** What a location is about, decided before anything is built. */
interface Plan {
  readonly role: Role;
  /** Shared variables that its steps write and that its guard reads, as indices of `shared`; -1: the array. */
  readonly writes: readonly number[];
  readonly guard: number | null;
  /** Thread that it serves or ends. */
  readonly target: number | null;
  readonly next: readonly number[];
  readonly value: number;
}

export function looseSystem(seed: number): System {
  const random = randomNumbers(seed);
  const chance = (percent: number): boolean => random(100) < percent;
  const b = new SystemBuilder();
  b.operations = [
    { name: "own", results: [{ name: "value", type: { kind: "int" } }] },
    { name: "served", results: [{ name: "value", type: { kind: "int" } }] },
  ];
  b.failures = [
    { kind: "assertion", message: "one", site: null },
    { kind: "assertion", message: "two", site: null },
  ];
  const threads = 2 + random(3);
  const size = Array.from({ length: threads }, () => 2 + random(threads === 4 ? 3 : 4));
  const stoppable = size.map(() => chance(12));
  const pcs = size.map((locations, t) => b.variable(`t${t}.at`, 0, locations, { role: "pc", thread: t, type: { kind: "location" } }));
  const shared = Array.from({ length: 2 + random(3) }, (_, i) => b.variable(`s${i}`, 0, 2));
  const ring = b.variable("ring", 0, 2, { length: 3 });
  const cells = size.map((_, t) => b.variable(`own${t}`, 0, 2));
  const locals = size.map((_, t) => b.variable(`t${t}.x`, 0, 3, { role: "local", thread: t }));

  const plans = size.map((locations, t): readonly Plan[] =>
    Array.from({ length: locations }, (_, l): Plan => {
      const roles: readonly Role[] = [
        "work",
        "work",
        "private",
        "private",
        "shared",
        "shared",
        "shared",
        "guarded",
        "guarded",
        "array",
        "choose",
        "served",
        "serve",
        "serve",
        ...(chance(10) ? (["halting"] as const) : []),
        ...(chance(20) ? (["phase"] as const) : []),
        ...(chance(4) ? (["end other"] as const) : []),
      ];
      const role = roles[random(roles.length)] as Role;
      // A thread keeps to two of the shared variables, mostly.
      const near = (): number => (chance(85) ? (t + random(2)) % shared.length : random(shared.length));
      const writes =
        role === "shared" || role === "phase" ? [near()] : role === "guarded" && chance(60) ? [near()] : role === "array" ? [-1] : chance(10) ? [near()] : [];
      const last = l === locations - 1;
      const onward = last ? (chance(50) ? [locations] : [0]) : [l + 1];
      const next = chance(25) ? [...onward, random(locations + 1)] : onward;
      return {
        role,
        writes,
        guard: role === "guarded" ? near() : null,
        target: role === "serve" || role === "end other" ? (t + 1 + random(threads - 1)) % threads : null,
        next,
        value: random(3),
      };
    }),
  );

  /** The locations that can be reached from one, itself first. */
  const after = (t: number, l: number): ReadonlySet<number> => {
    const found = new Set([l]);
    for (const each of found) for (const next of plans[t]?.[each]?.next ?? []) if (next < (size[t] ?? 0)) found.add(next);
    return found;
  };
  const isServed = (t: number, l: number): boolean => plans[t]?.[l]?.role === "served";
  const standsServed = (t: number): Expr =>
    (plans[t] ?? []).reduce<Expr>((any, _, l) => (isServed(t, l) ? { op: "or", left: any, right: eq(load(pcs[t] ?? 0), c(l)) } : any), c(0));
  const bounded = (value: Expr): Expr => bin("%", value, c(3));

  for (let t = 0; t < threads; t++) {
    const x = locals[t] ?? 0;
    const sharedOf = (i: number): number => shared[i] ?? 0;
    const write = (i: number, plan: Plan): Statement =>
      i < 0
        ? assign(ring, bounded(bin("+", load(ring, index(plan)), c(1))), index(plan))
        : assign(sharedOf(i), chance(50) ? c(plan.value) : bounded(bin("+", load(sharedOf(i)), c(1))));
    const index = (plan: Plan): Expr => (plan.value === 0 ? c(t % 3) : plan.value === 1 ? bin("%", load(x), c(3)) : c(plan.value));
    const locations: Location[] = [];
    for (const [l, plan] of (plans[t] ?? []).entries()) {
      const leave = (to: number): Terminator => (to === size[t] ? { op: "finish" } : { op: "yield", location: to });
      const change: Statement[] = [];
      if (plan.role === "work") change.push(assign(x, chance(70) ? bin("%", bin("+", load(x), c(1)), c(4)) : c(plan.value)));
      if (plan.role === "choose" || plan.role === "served") change.push(assign(x, bin("&", temp(0), c(3))));
      const ways: Block[] = [];
      const [first = 0, second] = plan.next;
      const fails = chance(8);
      const exit = (to: number): Block => block([], leave(to));
      if (second === undefined && !fails) ways.push(block(change, leave(first)));
      else {
        // A loop that counts: x grows on the way back.
        const counting = second !== undefined && second <= l && chance(60);
        const condition = counting
          ? bin("<", load(x), c(1 + random(3)))
          : chance(50)
            ? eq(load(x), c(random(3)))
            : eq(load(sharedOf(random(shared.length))), c(random(3)));
        ways.push(block(counting ? [] : change, { op: "branch", condition, then: 1, else: 2 }));
        if (fails) ways.push(block([], { op: "fail", failure: random(2) }), exit(first));
        else if (counting) ways.push(block([assign(x, bin("+", load(x), c(1)))], leave(second ?? first)), block([assign(x, c(0))], leave(first)));
        else ways.push(exit(second ?? first), exit(first));
      }
      const continuation: Code = code(2, ...ways);

      const ids: number[] = [];
      const served = plan.role === "served";
      const place = { thread: t, location: l };
      const own = complete(c(t), 0, plan.role === "choose" ? temp(0) : load(cells[t] ?? 0));
      const writes = plan.writes.map((i) => write(i, plan));
      switch (plan.role) {
        case "choose":
          ids.push(b.transition({ ...place, picks: 2, body: code(1, block([...writes, own], { op: "end" })) }));
          break;
        case "private":
          ids.push(
            b.transition({ ...place, body: code(1, block([assign(cells[t] ?? 0, bounded(bin("+", load(cells[t] ?? 0), load(x)))), own], { op: "end" })) }),
          );
          break;
        case "guarded":
          ids.push(
            b.transition({ ...place, guard: when(eq(load(sharedOf(plan.guard ?? 0)), c(plan.value))), body: code(1, block([...writes, own], { op: "end" })) }),
          );
          break;
        case "serve": {
          const target = plan.target ?? 0;
          ids.push(
            b.transition({
              ...place,
              guard: when(standsServed(target)),
              body: code(1, block([...writes, complete(c(target), 1, load(cells[t] ?? 0)), own], { op: "end" })),
            }),
          );
          if (chance(40)) ids.push(b.transition({ ...place, guard: when(bin("==", standsServed(target), c(0))), body: code(1, block([own], { op: "end" })) }));
          break;
        }
        case "end other":
          ids.push(b.transition({ ...place, body: code(1, block([{ op: "terminate", thread: c(plan.target ?? 0) }, own], { op: "end" })) }));
          break;
        case "halting":
          ids.push(
            b.transition({
              ...place,
              body: code(
                1,
                block([], { op: "branch", condition: eq(load(x), c(plan.value)), then: 1, else: 2 }),
                block([], { op: "prune" }),
                block([...writes, own], { op: "end" }),
              ),
            }),
          );
          break;
        case "phase":
          // A first step that leaves the thread where it is.
          ids.push(
            b.transition({
              ...place,
              body: code(
                1,
                block([], { op: "branch", condition: eq(load(cells[t] ?? 0), c(2)), then: 1, else: 2 }),
                block([assign(cells[t] ?? 0, c(0)), ...writes, own], { op: "end" }),
                block([assign(cells[t] ?? 0, c(2))], { op: "end" }),
              ),
            }),
          );
          break;
        case "served":
          break;
        default:
          ids.push(b.transition({ ...place, guard: always, body: code(1, block([...writes, own], { op: "end" })) }));
      }
      const wakes = (u: number, m: number): boolean => {
        const other = plans[u]?.[m];
        if (other === undefined) return false;
        if (served) return other.role === "serve" && other.target === t;
        if (plan.role === "serve") return u === plan.target;
        return plan.guard !== null && other.writes.includes(plan.guard);
      };
      const able = plans.map((row, u) => row.map((_, m) => u !== t && [...after(u, m)].some((each) => wakes(u, each))));
      const waits: readonly WaitInfo[] =
        served || plan.role === "guarded" || plan.role === "serve"
          ? [
              {
                name: "wait",
                says: "waiting",
                kind: "sleep",
                when: c(1),
                idle: chance(80) ? c(0) : eq(load(sharedOf(random(shared.length))), c(0)),
                until: served && chance(25) ? eq(load(sharedOf(random(shared.length))), c(plan.value)) : null,
                wakers: [{ able, when: chance(85) ? c(1) : bin("<=", load(sharedOf(random(shared.length))), c(1)) }],
              },
            ]
          : [];
      const accessed = plan.writes[0];
      const access =
        accessed === undefined || accessed < 0 || chance(50) ? null : { variable: sharedOf(accessed), index: null, write: chance(70), plain: chance(40) };
      locations.push(b.location(l, continuation, ids, { operation: served ? 1 : 0, results: 1, waits, access }));
    }
    b.process({ group: `t${t}`, pc: pcs[t] ?? 0, locals: [x], locations, stoppable: stoppable[t] ?? false });
  }
  if (chance(10))
    b.transition({ kind: "background", guard: when(eq(load(shared[0] ?? 0), c(1))), body: code(1, block([assign(shared[0] ?? 0, c(2))], { op: "end" })) });
  if (chance(50)) b.invariants = [{ name: "shared", holds: bin("<=", bin("+", load(shared[0] ?? 0), load(shared[1] ?? 0)), c(3)), site: null }];
  if (chance(20)) b.invariants = [...b.invariants, { name: "private", holds: bin("<", load(cells[0] ?? 0), c(2)), site: null }];
  return b.build();
}
