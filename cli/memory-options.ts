/** The memory that a command line asks for, in place of what a protocol says. */
import type { MemoryModelName, MemoryModelOptions } from "../model/language/memory-model.ts";

export interface MemoryOptions {
  readonly memoryModel?: MemoryModelName;
  readonly buffer?: number;
  readonly messages?: number;
}

/** Only what is given. */
export function memoryGiven({ memoryModel, buffer, messages }: MemoryOptions): Partial<MemoryModelOptions> {
  return {
    ...(memoryModel === undefined ? {} : { model: memoryModel }),
    ...(buffer === undefined ? {} : { buffer }),
    ...(messages === undefined ? {} : { messages }),
  };
}
