/**
 * The workers of a search. The host is the first; the others are threads that start when the frontier is large enough to
 * pay for them. Who has nothing to do sleeps (`Atomics.wait`), the host too, which looks up now and then for signals.
 */
import { Worker } from "node:worker_threads";
import type { Bound, Estimate } from "../result.ts";
import { cells, own } from "./code/cells.ts";
import { type Exports, partOf, pose, share, type Task } from "./instance.ts";
import type { Generated } from "./code/explorer.ts";
import type { Memories, WasmModule } from "./wasm/api.ts";
import type { WorkerData } from "./worker.ts";

/** States of a task that are worth waking somebody for. */
const worthSharing = 3_000;
/** States still to come that are worth starting threads for: a thread takes as long to start as one worker takes for about so many. */
const worthStarting = 60_000;
/** A frontier of fewer states grows too little to say that, or is too little to share. */
const leastFrontier = 2_000;
/** States after which a search of which no estimate is known is taken to be large. */
const manyAlready = 10_000;
/** Milliseconds that the host sleeps at most. */
const nap = 20;

export type Pause = () => Promise<Bound | null>;

export class Crew {
  readonly #generated: Generated;
  readonly #module: WasmModule;
  readonly #memories: Memories;
  readonly #exports: Exports;
  readonly #size: number;
  readonly #eager: boolean;
  readonly #ints: Int32Array;
  readonly #threads: Worker[] = [];
  #failure: Error | null = null;

  constructor(generated: Generated, module: WasmModule, memories: Memories, exports: Exports, limits: { readonly workers: number; readonly eager?: boolean }) {
    this.#generated = generated;
    this.#module = module;
    this.#memories = memories;
    this.#exports = exports;
    this.#size = limits.workers;
    this.#eager = limits.eager === true;
    this.#ints = new Int32Array(memories.memory.buffer);
  }

  /** Workers that there are. */
  get working(): number {
    return 1 + this.#threads.length;
  }

  /** Starts the threads if the search will be large enough, by the estimate of its states; null: too early to say, or it grows ever faster. */
  considerStarting(states: number, frontier: number, estimate: () => Estimate | null): void {
    if (this.#threads.length > 0 || this.#size === 1 || frontier < leastFrontier) return;
    const expected = estimate()?.states ?? (states < manyAlready ? states : Number.POSITIVE_INFINITY);
    if (expected - states >= worthStarting) this.#spawn();
  }

  /** Starts the threads and waits until they are there. */
  async start(): Promise<void> {
    this.#spawn();
    const ready = (_: Worker, i: number): boolean => Atomics.load(this.#ints, (partOf(this.#generated.regions, i + 1) + own.ready) / 4) !== 0;
    while (!this.#threads.every(ready)) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (this.#failure !== null) throw this.#failure;
    }
  }

  #spawn(): void {
    for (let worker = 1; worker < this.#size; worker++) {
      const workerData: WorkerData = { module: this.#module, memories: this.#memories, regions: this.#generated.regions, worker };
      const thread = new Worker(new URL("./worker.js", import.meta.url), { workerData });
      thread.on("error", (error) => {
        this.#failure ??= error instanceof Error ? error : new Error(String(error));
      });
      thread.unref();
      this.#threads.push(thread);
    }
  }

  /** Does a task, with everybody who is there if it is large enough or if `together`; what ended it early, if anything did. */
  async perform(task: Task, pause: Pause, together: boolean = false): Promise<Bound | null> {
    const ints = this.#ints;
    pose(ints, task);
    const number = (ints[cells.task / 4] ?? 0) + 1;
    let helpers = 0;
    if (together || this.#eager || task.end - task.first >= worthSharing) {
      for (let worker = 1; worker <= this.#threads.length; worker++) {
        const part = partOf(this.#generated.regions, worker);
        if (Atomics.load(ints, (part + own.ready) / 4) === 0) continue;
        ints[(part + own.enlisted) / 4] = number;
        helpers++;
      }
    }
    Atomics.store(ints, cells.active / 4, helpers);
    Atomics.store(ints, cells.task / 4, number);
    if (helpers > 0) Atomics.notify(ints, cells.task / 4);
    let bound: Bound | null = null;
    const look = async (): Promise<void> => {
      bound ??= await pause();
      if (this.#failure !== null) throw this.#failure;
      if (bound !== null) Atomics.store(ints, cells.stop / 4, 1);
    };
    for (const _ of share(this.#exports, ints, partOf(this.#generated.regions, 0))) {
      await look();
      if (Atomics.load(ints, cells.stop / 4) !== 0) break;
    }
    for (let active = Atomics.load(ints, cells.active / 4); active > 0; active = Atomics.load(ints, cells.active / 4)) {
      Atomics.wait(ints, cells.active / 4, active, nap);
      await look();
    }
    await look();
    return bound;
  }

  /** Ends the threads. */
  async dismiss(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }
}
