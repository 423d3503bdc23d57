/**
 * The registry of functions whose source is known: what the instrumented modules report when they are loaded, and how
 * the compiler and the naive checker get from a native function value to its syntax tree and captured values.
 */
import type { Function as FunctionNode, ArrowFunctionExpression, Program } from "@oxc-project/types";
import type { Site } from "../language/operation.ts";

/** One module, as its author wrote it. */
export interface ModuleSource {
  /** Path as shown to people: relative to the working directory, or `ipc-check/kernel/...` for our own modules. */
  readonly file: string;
  /** The original text, before instrumentation. */
  readonly text: string;
  /** Its syntax tree; parsed on first use. */
  readonly program: Program;
  /** The place of a range of offsets. */
  site(start: number, end: number): Site;
}

export interface FunctionSource {
  readonly module: ModuleSource;
  /** Offset of the function node (for a method: of its value). */
  readonly start: number;
  readonly node: FunctionNode | ArrowFunctionExpression;
  /** Whether the function captures `name` from an enclosing scope of its module. */
  captures(name: string): boolean;
  /** The value of a captured name now; throws if `captures(name)` is false. */
  captured(name: string): unknown;
}
