/**
 * Random walks for what cannot be exhausted: from the initial state, each step one of those that are possible, all
 * equally likely. Every state on the way is checked as the search would check it. Of the states met a sample is counted,
 * from which the number of reachable states is estimated (Chao: "Nonparametric Estimation of the Number of Classes in a
 * Population", 1984): a lower bound, since states that walks hardly ever come to are not seen to be missing.
 */
import type { State, System } from "../../model/system/system.ts";
import type { PathStep, Sample, SearchOptions, SearchResult, Walks } from "../result.ts";
import { Findings } from "./findings.ts";
import { type Layout, pack } from "./layout.ts";
import type { Store } from "./store.ts";

/** Hashes that are counted at most; beyond, only every second one, every fourth, … */
const mostCounted = 100_000;
/** Milliseconds between two looks at the event loop. */
const breath = 50;

/** Mulberry32. */
export function randomFrom(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

/** How often states were met, of every `every`-th one. */
class Counted {
  readonly #times = new Map<bigint, number>();
  #mask = 0n;

  meet(hash: bigint): void {
    if ((hash & this.#mask) !== 0n) return;
    this.#times.set(hash, (this.#times.get(hash) ?? 0) + 1);
    if (this.#times.size <= mostCounted) return;
    this.#mask = 2n * this.#mask + 1n;
    for (const each of this.#times.keys()) if ((each & this.#mask) !== 0n) this.#times.delete(each);
  }

  /** Chao's estimate with its 95 % interval; null if too little was met twice to say anything. */
  estimate(): Sample["estimate"] {
    let [once, twice] = [0, 0];
    for (const times of this.#times.values()) {
      if (times === 1) once++;
      else if (times === 2) twice++;
    }
    const seen = this.#times.size;
    const every = Number(this.#mask) + 1;
    if (once === 0) return { states: seen * every, low: seen * every, high: seen * every };
    if (twice < 10) return null;
    const ratio = once / twice;
    const unseen = (once * ratio) / 2;
    const deviation = Math.sqrt(twice * (0.5 * ratio ** 2 + ratio ** 3 + 0.25 * ratio ** 4));
    // The interval is that of a logarithmic normal distribution: never below what was seen.
    const spread = Math.exp(1.96 * Math.sqrt(Math.log(1 + (deviation / unseen) ** 2)));
    return {
      states: Math.round((seen + unseen) * every),
      low: Math.round((seen + unseen / spread) * every),
      high: Math.round((seen + unseen * spread) * every),
    };
  }
}

/** Walks until a violation is found or all walks are done. `store` is a compact one with one worker. */
export async function simulate(
  system: System,
  plan: Layout,
  store: Store,
  initial: State,
  walks: Walks,
  options: SearchOptions,
  began: number,
): Promise<SearchResult> {
  const findings = new Findings(system, plan, store);
  const random = randomFrom(walks.seed);
  const counted = new Counted();
  const fired = new Uint8Array(system.transitions.length);
  const start = pack(plan, initial);
  const seconds = (): number => (performance.now() - began) / 1000;
  const generating = seconds();
  let path: PathStep[] = [];
  let [walk, steps, deepest] = [0, 0, 0];
  let bound: SearchResult["bound"] = "sampled";
  let breathed = began;

  store.begin(start);
  walking: for (; walk < walks.walks; walk++) {
    path = [];
    store.stand(start);
    for (;;) {
      const { count, found } = store.look();
      for (const finding of found) findings.add(finding);
      if (findings.some) break walking;
      if (count === 0 || path.length === walks.depth) break;
      const step = await store.step(random(count));
      fired[step.transition] = 1;
      counted.meet(step.hash);
      path.push({ transition: step.transition, pick: step.pick });
      steps++;
    }
    deepest = Math.max(deepest, path.length);
    const now = performance.now();
    if (options.timeout !== undefined && now - began > 1000 * options.timeout) {
      bound = "time";
      break;
    }
    if (now - breathed < breath) continue;
    breathed = now;
    options.onProgress?.({
      states: store.count,
      transitions: steps,
      depth: deepest,
      frontier: 0,
      seconds: seconds(),
      memory: store.bytes,
      onDisk: 0,
      estimate: null,
    });
    await new Promise(setImmediate);
    if (options.signal?.aborted) {
      bound = "interrupted";
      break;
    }
  }
  deepest = Math.max(deepest, path.length);
  store.endWalks();
  const found = await findings.finishBy(() => path, [0]);
  const sample: Sample = {
    kind: "walks",
    seed: walks.seed,
    done: Math.min(walk + Number(findings.some), walks.walks),
    rules: system.transitions.length,
    fired: fired.reduce((sum, each) => sum + each, 0),
    estimate: counted.estimate(),
  };
  return {
    verdict: found.length > 0 ? "violated" : "inconclusive",
    bound: found.length > 0 ? null : bound,
    findings: found,
    stats: {
      states: store.count,
      transitions: steps,
      depth: deepest,
      seconds: seconds(),
      generating,
      exploring: seconds() - generating,
      bytesPerState: store.bytes / store.count,
      onDisk: 0,
      stateBits: plan.bits,
      frontier: 0,
      estimate: null,
      workers: 1,
      store: store.kind,
      omission: store.omission,
      unchecked: [],
      partialOrder: { used: false, reason: "a walk takes one of all steps", confirmed: false },
      sample,
      symmetry: null,
    },
  };
}
