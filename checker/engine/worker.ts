/** A thread that helps with the search: it sleeps until there is a task that it is enlisted for, and takes its share. */
import { workerData } from "node:worker_threads";
import { cells, own } from "./code/cells.ts";
import type { Regions } from "./code/context.ts";
import { instance, partOf, share } from "./instance.ts";
import type { Memories, WasmModule } from "./wasm/api.ts";

export interface WorkerData {
  readonly module: WasmModule;
  readonly memories: Memories;
  readonly regions: Regions;
  readonly worker: number;
}

const { module, memories, regions, worker } = workerData as WorkerData;
const exports = instance(module, memories, regions, worker);
const part = partOf(regions, worker);
// The cells stand at the start of memory, which growing leaves where it is.
const ints = new Int32Array(memories.memory.buffer);
let task = Atomics.load(ints, cells.task / 4);
Atomics.store(ints, (part + own.ready) / 4, 1);
for (;;) {
  Atomics.wait(ints, cells.task / 4, task);
  task = Atomics.load(ints, cells.task / 4);
  if (ints[(part + own.enlisted) / 4] !== task) continue;
  for (const _ of share(exports, ints, part)) if (Atomics.load(ints, cells.stop / 4) !== 0) break;
  if (Atomics.sub(ints, cells.active / 4, 1) === 1) Atomics.notify(ints, cells.active / 4);
}
