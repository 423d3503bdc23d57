/** Chooses a memory model. */
import { bufferedMemory } from "./buffered.ts";
import type { MemoryModel, MemoryModelName, MemorySetup } from "./model.ts";
import { viewMemory } from "./views.ts";

/** Sets a model up for one system. */
export function memoryModel(name: MemoryModelName, setup: MemorySetup): MemoryModel {
  return name === "ra" ? viewMemory(setup) : bufferedMemory(name, setup);
}
