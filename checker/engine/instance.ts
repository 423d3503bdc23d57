/** One worker's instance of the generated module, and its share of a task. Host and threads run the same code here. */
import { cells, own, ran } from "./code/cells.ts";
import type { Regions } from "./code/context.ts";
import { type Memories, wasm, type WasmGlobal, type WasmModule } from "./wasm/api.ts";

export interface Exports {
  run(end: number, most: number): number;
  edges(state: number): number;
  /** Puts the representative in the place of a state, where symmetric replicas are exchanged. */
  represent(): void;
  /** Leaves a state's successors in the buffer; whether its own properties are looked at. */
  expand(state: number, properties: number): void;
  /** Address of a state's words, until the next state is asked for. */
  locate(state: number): number;
  /** Lines of the states' index. */
  clear(first: number, end: number): void;
  rebuild(first: number, end: number): void;
  /** Of the compressed store. */
  rebuildNodes(first: number, end: number): void;
  move(from: number, to: number): void;
  /** Of the compact store; counted in 64-bit words of memory. */
  reenter(first: number, end: number): void;
  /** Of the exact store, on disk. */
  strike(first: number, end: number): void;
  enumerate(first: number, end: number, base: number): void;
  digest(first: number, end: number): void;
  squeeze(first: number, end: number): number;
  layer(first: number, end: number, next: number, after: number): void;
  ask(first: number, end: number, group: number, waits: number): void;
  link(first: number, end: number, waits: number): void;
  /** Of the exact store, on disk: before which state there was no more room. */
  gather(first: number, end: number, waits: number): number;
  /** Of systems whose runs are judged. */
  letters(first: number, end: number, formula: number): void;
  spread(which: number, first: number, step: number, count: number): number;
  rescue(): number;
  readonly own: WasmGlobal<number>;
  readonly tail: WasmGlobal<number>;
}

/** What workers do together: `run` shares the frontier, the others ranges of states. */
const tasks = ["run", "clear", "rebuild", "rebuildNodes", "strike", "enumerate", "digest", "layer", "ask", "link", "letters"] as const;
export type TaskName = (typeof tasks)[number];
export interface Task {
  readonly name: TaskName;
  readonly first: number;
  readonly end: number;
  readonly arguments?: readonly number[];
}

/** States between two returns to JavaScript: V8 replaces baseline code only between calls. */
const stretch = 1_000;

/** Address of a worker's part. */
export function partOf(regions: Regions, worker: number): number {
  return regions.own + worker * regions.ownBytes;
}

export function instance(module: WasmModule, memories: Memories, regions: Regions, worker: number): Exports {
  const exports = new wasm.Instance(module, { env: memories }).exports as Exports;
  const part = partOf(regions, worker);
  const ints = new Uint32Array(memories.memory.buffer);
  exports.own.value = part;
  exports.tail.value = part + regions.successors;
  ints[(part + own.findings) / 4] = part + regions.findings;
  ints[(part + own.flushing) / 4] = part + regions.successors;
  return exports;
}

/** Puts a task where `share` looks for it. */
export function pose(ints: Int32Array, task: Task): void {
  ints[cells.kind / 4] = tasks.indexOf(task.name);
  ints[cells.end / 4] = task.end;
  for (const [i, at] of cells.arguments.entries()) ints[at / 4] = task.arguments?.[i] ?? 0;
  ints[cells.portion / 4] = task.first;
  ints[cells.stop / 4] = 0;
}

/** A worker's share of the task that is posed, with a pause after each portion. */
export function* share(exports: Exports, ints: Int32Array, part: number): Generator<void> {
  const name = tasks[ints[cells.kind / 4] ?? 0] ?? "run";
  const end = (ints[cells.end / 4] ?? 0) >>> 0;
  if (name === "run") {
    for (;;) {
      const outcome = exports.run(end, stretch);
      ints[(part + own.outcome) / 4] = outcome;
      if (outcome === ran.done) return;
      // The others come to an end too: there is no room, or findings have to be taken away.
      if (outcome !== ran.more) return void Atomics.store(ints, cells.stop / 4, 1);
      yield;
    }
  }
  const [a = 0, b = 0] = cells.arguments.map((at) => (ints[at / 4] ?? 0) >>> 0);
  for (;;) {
    const first = Atomics.add(ints, cells.portion / 4, stretch) >>> 0;
    if (first >= end) return;
    exports[name](first, Math.min(first + stretch, end), a, b);
    yield;
  }
}
