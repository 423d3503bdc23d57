/** Which memory a protocol runs on, and how long the lists of that memory are at most where a program loops. */

/** `sc` sequential consistency, `tso` and `pso` store buffers, `ra` C11 release/acquire with views. */
export type MemoryModelName = "sc" | "tso" | "pso" | "ra";
export const memoryModels: readonly MemoryModelName[] = ["sc", "tso", "pso", "ra"];

/** A memory model with its bounds. A search that meets a bound is inconclusive. */
export interface MemoryModelOptions {
  readonly model: MemoryModelName;
  /** Entries of a CPU's store buffer, where its threads loop; 4 unless given. */
  readonly buffer: number;
  /** Messages that one cell has at a time under `ra`, where threads loop; 4 unless given. */
  readonly messages: number;
}

/** How a protocol names its memory: a model, or a model with bounds. */
export type MemoryModelDeclaration = MemoryModelName | (Pick<MemoryModelOptions, "model"> & Partial<MemoryModelOptions>);

export const mostBuffered = 16;
export const mostMessages = 16;

/** Fills in what a declaration leaves out; `over` has the last word. */
export function memoryModelOf(declared: MemoryModelDeclaration | undefined, over: Partial<MemoryModelOptions> = {}): MemoryModelOptions {
  const given: Partial<MemoryModelOptions> = typeof declared === "string" ? { model: declared } : (declared ?? {});
  return { model: over.model ?? given.model ?? "sc", buffer: over.buffer ?? given.buffer ?? 4, messages: over.messages ?? given.messages ?? 4 };
}
