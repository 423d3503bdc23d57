/** Stopping with a diagnostic at a place of the source. */
import { diagnostic, SpecError } from "../loader/diagnostic.ts";
import type { ModuleSource } from "../loader/registry.ts";
import type { CompilerCode } from "./codes.ts";

/** What a place is taken from: any syntax node. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Throws the diagnostic `code` at `span`. */
export function reject(code: CompilerCode, message: string, module: ModuleSource | null, span: Span | null, hint: string | null = null): never {
  throw new SpecError([diagnostic(code, message, module === null || span === null ? null : { module, start: span.start, end: span.end }, hint)]);
}
