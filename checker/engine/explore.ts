/**
 * Breadth-first search by levels over the generated code. The level in which the first violation appears is completed,
 * so that verdict, counts and paths do not depend on the order inside of a level.
 */
import { availableParallelism } from "node:os";
import { compact } from "../../model/system/compact.ts";
import { initialState } from "../../model/system/interpret.ts";
import { type Interval, reachableRanges } from "../../model/system/narrow.ts";
import { type ReplicaGroup, type Symmetry, symmetryOf } from "../../model/system/symmetry/groups.ts";
import { anew } from "../../model/system/keep.ts";
import type { State, System } from "../../model/system/system.ts";
import {
  type Bound,
  CheckpointError,
  DiskError,
  type Finding,
  type SearchOptions,
  type SearchResult,
  type SearchStats,
  StateTooLarge,
  type SymmetryStats,
} from "../result.ts";
import { takeCensus } from "./census.ts";
import { Checkpoint, identity } from "./checkpoint.ts";
import { estimateOf } from "./estimate.ts";
import { mostOrders } from "./code/canonical/settle.ts";
import { keysOfOrbit } from "./code/context.ts";
import { Findings, inOrder } from "./findings.ts";
import { type Layout, layout, pack } from "./layout.ts";
import { Runs } from "./liveness/index.ts";
import { lostWakeups } from "./lost-wakeups.ts";
import { ordinaryMemory } from "./memory.ts";
import { Orbits } from "./orbits.ts";
import type { PartialOrder, Reduction } from "./partial-order/reduction.ts";
import { searchReduced } from "./partial-order/search.ts";
import { shadowed } from "./shadow.ts";
import { simulate } from "./simulate.ts";
import { type Halt, Store } from "./store.ts";
import { alignRanges, divided, fewOrders, type SymmetryPlan, symmetryPlan } from "./symmetry.ts";
import { type Member, swarm } from "./swarm.ts";

/** Milliseconds between two looks at the event loop, and between two reports of progress. */
const breath = 50;
const report = 250;

/** Runs are looked at when so many states have been expanded, then whenever these are so many times as many as the last time. */
const firstLook = 2_000;
const laterLooks = 4;

/** Code for larger states would grow beyond what V8 compiles well. */
const mostWords = 1_024;

/** Visits every reachable state, or all up to the level of the first violation. */
export function search(original: System, options: SearchOptions = {}): Promise<SearchResult> {
  const { sample } = options;
  if (options.shadow === true && sample === undefined) return shadowed(options, (given) => search(original, given));
  if (sample?.kind !== "swarm") return searchReduced(original, options, (given, order, ranges) => searchOnce(original, given, null, order, ranges));
  return swarm(sample, (member) => searchOnce(original, options, member, { reduction: null, reason: "a sample is taken" }, reachableRanges(original)));
}

async function searchOnce(
  original: System,
  options: SearchOptions,
  member: Member | null,
  order: PartialOrder,
  ranges: readonly (readonly Interval[])[],
): Promise<SearchResult> {
  const walks = options.sample?.kind === "walks" ? options.sample : null;
  const kind = member !== null ? "bitstate" : walks !== null ? "compact" : (options.store ?? "exact");
  if (options.disk !== undefined && kind !== "exact") throw new DiskError(`--store ${kind} does not go to disk; --store exact does`);
  const began = performance.now();
  // A walk has nothing to leave out.
  const symmetric = options.symmetry === true && walks === null;
  const byThread = options.store === "compressed";
  const { keep = anew } = options;
  const name = `${symmetric ? "orbits" : "states"}${byThread ? " by thread" : ""}`;
  const { symmetry, system, plan, orders } = await keep(name, () => prepare(original, ranges, symmetric, byThread));
  const initial = initialState(system);
  const stats = {
    states: 0,
    transitions: 0,
    depth: 0,
    seconds: 0,
    generating: 0,
    exploring: 0,
    bytesPerState: 0,
    onDisk: 0,
    stateBits: plan.bits,
    frontier: 0,
    estimate: null,
    workers: 1,
    store: kind,
    omission: 0,
    unchecked: [],
    sample: null,
    symmetry: symmetry === null ? null : { ...reported(symmetry), exact: true },
    partialOrder: { used: false, reason: "there is nothing to search", confirmed: false },
  } as const;
  const seconds = (): number => (performance.now() - began) / 1000;
  if (initial.kind === "failure") {
    const failure = system.failures[initial.failure];
    if (failure === undefined) throw new RangeError(`there is no failure ${initial.failure}`);
    const finding: Finding = {
      kind: failure.kind,
      property: failure.message,
      message: failure.message,
      site: failure.site,
      threads: initial.thread === null ? [] : [initial.thread],
      path: [],
      failing: true,
    };
    return { verdict: "violated", bound: null, findings: [finding], stats: { ...stats, seconds: seconds() } };
  }
  if (initial.kind === "pruned") return { verdict: "holds", bound: null, findings: [], stats: { ...stats, seconds: seconds() } };

  const store = await Store.create(system, plan, {
    memory: options.maxMemory ?? ordinaryMemory(),
    states: options.maxStates ?? Number.POSITIVE_INFINITY,
    workers: walks !== null ? 1 : (options.workers ?? availableParallelism()),
    store: kind,
    ...(options.disk === undefined ? {} : { disk: options.disk }),
    reduction: order.reduction,
    ...(member === null ? {} : { seed: member.seed }),
    ...(options.eager === undefined ? {} : { eager: options.eager }),
    ...(options.wide === undefined ? {} : { wide: options.wide }),
    symmetry: orders,
    keep: (what, make) => keep(`${name}: ${what}`, make),
  });
  if (store === null)
    return { verdict: "inconclusive", bound: options.maxStates === 0 ? "states" : "memory", findings: [], stats: { ...stats, seconds: seconds() } };
  try {
    if (walks !== null) return await simulate(system, plan, store, initial.state, walks, options, began);
    const { reduction, reason } = order;
    const result = await explore(
      system,
      original,
      plan,
      store,
      initial.state,
      options,
      member,
      began,
      orders,
      symmetry?.groups ?? [],
      stats.symmetry,
      reduction,
    );
    return { ...result, stats: { ...result.stats, partialOrder: { used: reduction !== null, reason, confirmed: false } } };
  } finally {
    await store.close();
  }
}

/** What is searched in place of the system, and how its states are packed. */
interface Prepared {
  readonly symmetry: Symmetry | null;
  readonly system: System;
  readonly plan: Layout;
  readonly orders: SymmetryPlan | null;
}

function prepare(original: System, ranges: readonly (readonly Interval[])[], symmetric: boolean, byThread: boolean): Prepared {
  const found = symmetric ? symmetryOf(original) : null;
  const groups = divided(original, found?.groups ?? [], keysOfOrbit);
  // Runs go from representative to representative: there must be one for each state.
  const symmetry = found === null ? null : { ...found, groups: original.liveness == null ? groups : fewOrders(groups, mostOrders) };
  const system = alignRanges(compact(original, ranges), symmetry?.groups ?? []);
  const plan = layout(system, byThread);
  if (plan.words > mostWords) throw new StateTooLarge(plan.bits, 64 * mostWords);
  return { symmetry, system, plan, orders: symmetry === null ? null : symmetryPlan(original, system, symmetry.groups, plan, ranges) };
}

async function explore(
  system: System,
  original: System,
  plan: Layout,
  store: Store,
  initial: State,
  options: SearchOptions,
  member: Member | null,
  began: number,
  orders: SymmetryPlan | null,
  groups: readonly ReplicaGroup[],
  symmetry: SearchStats["symmetry"],
  reduction: Reduction | null,
): Promise<SearchResult> {
  const generating = (performance.now() - began) / 1000;
  /** Seconds before the search was resumed. */
  let earlier = 0;
  const seconds = (): number => earlier + (performance.now() - began) / 1000;
  const findings = new Findings(system, plan, store, orders === null ? null : new Orbits(system, plan, store, orders));
  /** Numbers of the first states of the levels; last, where the level ends that is being expanded. */
  let levels = [0];
  const widths = (): number[] => levels.slice(1).map((end, level) => end - (levels[level] ?? 0));
  let bound: Bound | null = null;
  const runs =
    system.liveness == null || !store.numbered ? null : new Runs(system, original, system.liveness, plan, store, options.maxMemory ?? ordinaryMemory(), orders);
  /** What is wrong with runs; how many states are to be expanded before they are looked at again. */
  let wrong: readonly Finding[] = [];
  let look = runs === null || options.patient === true ? Number.POSITIVE_INFINITY : options.eager === true ? 1 : firstLook;
  /** States that a swarm's search has not gone on from. */
  let leftOut = 0;
  let breathed = began;
  let reported = began;

  const pause = async (): Promise<Bound | null> => {
    const now = performance.now();
    if (options.timeout !== undefined && now - began > 1000 * options.timeout) return "time";
    if (options.eager !== true && now - breathed < breath) return null;
    breathed = now;
    if (options.onProgress !== undefined && now - reported >= report) {
      reported = now;
      options.onProgress({
        states: store.count,
        transitions: store.transitions + findings.failures,
        depth: levels.length - 1,
        frontier: store.count - store.cursor,
        seconds: seconds(),
        memory: store.bytes,
        onDisk: store.onDisk,
        estimate: estimateOf(widths()),
      });
    }
    await new Promise(setImmediate);
    return options.signal?.aborted ? "interrupted" : null;
  };

  const file = options.checkpoint;
  let checkpoint: Checkpoint | null = null;
  /** Ends of levels that an earlier search has found. */
  let known: readonly number[] = [];
  if (file !== undefined) {
    if (store.kind !== "exact") throw new CheckpointError(`--store ${store.kind} has no checkpoints; --store exact has`);
    const which = identity(system, plan, orders, reduction);
    if (file.resume) {
      const resumed = await Checkpoint.resume(file.file, which, store);
      checkpoint = resumed.checkpoint;
      // Edges are not kept on disk: where runs are judged the states are expanded once more, level by level.
      if (runs === null) levels = [...resumed.figures.levels];
      else known = resumed.figures.levels.slice(1);
      earlier = resumed.figures.seconds;
    } else checkpoint = Checkpoint.create(file.file, which);
  }
  if (file?.resume !== true) store.begin(pack(plan, initial));
  let saved = performance.now();
  const halt: Halt | null = checkpoint && {
    due: () => performance.now() - saved > 1000 * (file?.interval ?? 0),
    // What was found already would be lost: then the level is completed, and the search ends.
    reached: () => {
      const written = findings.some || checkpoint.save(store, store.figures(levels, seconds()));
      saved = performance.now();
      return written ? null : "disk";
    },
  };

  // A search that was resumed may be in the middle of a level.
  for (let end = levels.at(-1) ?? 0; bound === null; ) {
    if (store.cursor === end) {
      if (store.count === end || findings.some) break;
      // Where a bound of the memory model keeps steps from being taken, a run may seem to stay.
      if (end >= look && store.resident && !store.bounded) {
        look = laterLooks * end;
        const judged = (await runs?.judge(pause)) ?? [];
        // Without memory for that the search goes on: other things may be wrong.
        if (judged === "memory") look = Number.POSITIVE_INFINITY;
        else if (typeof judged === "string") bound = judged;
        else wrong = judged;
        if (bound !== null || wrong.length > 0) break;
      }
      if (levels.length - 1 === options.maxDepth) {
        bound = "depth";
        break;
      }
      end = known[levels.length - 1] ?? store.count;
      levels.push(end);
      store.crew.considerStarting(end, end - store.cursor, () => estimateOf(widths()));
    }
    bound = await store.expand(end, (finding) => findings.add(finding), pause, levels.length > known.length ? halt : null);
    if (member !== null && bound === null) leftOut += store.thin(member.width, member.seed);
  }
  checkpoint?.close();
  const estimate = bound === null ? null : estimateOf(widths());
  // The last level that was begun holds no state.
  if (levels.at(-1) === store.count) levels.pop();

  if (leftOut > 0) bound ??= "sampled";
  const exploring = seconds() - generating;
  // Stores without lasting numbers cannot look for paths on which a sleeper is woken.
  const unchecked = store.numbered || !store.generated.waitKeys.some((_, wait) => store.wasSeen(wait)) ? [] : (["lost-wakeup"] as const);
  if (bound === null && !findings.some && wrong.length === 0 && store.numbered) {
    const lost = await lostWakeups(store, pause);
    if (typeof lost === "string") bound = lost;
    else findings.addLost(lost);
  }
  if (store.bounded && !findings.some) bound ??= system.memory?.model === "ra" ? "messages" : "buffer";
  // Where the search ended early, what it has seen may be enough to say that something is wrong.
  const isLastLook = (bound === null || bound === "states" || bound === "memory" || bound === "depth") && !store.bounded;
  if (system.liveness != null && isLastLook && !findings.some && wrong.length === 0) {
    const judged = runs === null || !store.resident ? "runs" : await runs.judge(pause);
    if (typeof judged === "string") bound ??= judged;
    else wrong = judged;
  }
  // Without memory for the marks the paths are not found; then at least the search says what ended it.
  const violations = !findings.some
    ? []
    : store.numbered
      ? await findings.finish(levels, pause)
      : await findings.finishBy((state) => store.trail(state, levels), levels);
  if (violations === null) bound = "memory";
  const found = wrong.length > 0 ? inOrder(wrong) : (violations ?? []);
  const counted =
    options.census === undefined || !store.resident || (options.census === "counts" && store.count > (options.censusLimit ?? store.count))
      ? null
      : options.census;
  const census = counted === null ? null : await takeCensus(system, original, plan, store, counted === "profile", pause, groups);
  return {
    verdict: found.length > 0 ? "violated" : bound !== null ? "inconclusive" : "holds",
    bound: found.length > 0 ? null : bound,
    findings: found,
    ...(census === null ? {} : { census }),
    stats: {
      states: store.count + leftOut,
      transitions: store.transitions + findings.failures,
      depth: levels.length - 1,
      seconds: seconds(),
      generating,
      exploring,
      bytesPerState: store.bytes / store.count,
      onDisk: store.onDisk,
      stateBits: plan.bits,
      frontier: store.frontier,
      estimate,
      workers: store.crew.working,
      store: store.kind,
      omission: store.omission,
      unchecked,
      sample: null,
      symmetry: symmetry === null ? null : { ...symmetry, exact: store.exactSymmetry },
      partialOrder: { used: false, reason: null, confirmed: false },
    },
  };
}

/** What of the symmetry is reported. */
function reported({ groups, apart }: Symmetry): Omit<SymmetryStats, "exact"> {
  return { groups: groups.map(({ name, members }) => ({ name, replicas: members.length })), apart };
}
