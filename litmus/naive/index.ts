/** The naive enumerator under each memory model. */
import type { Enumeration } from "../outcome.ts";
import type { Program } from "../program.ts";
import { bufferModel } from "./buffers.ts";
import { enumerate } from "./search.ts";
import { viewModel } from "./views.ts";

/** All final values of a program, by the independent naive enumerator. */
export function naiveOutcomes(program: Program, model: "sc" | "tso" | "pso" | "ra", limit?: number): Enumeration {
  return model === "ra" ? enumerate(program, viewModel, limit) : enumerate(program, bufferModel(model), limit);
}
