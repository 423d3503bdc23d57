/**
 * Matchers for vitest: `await expect(spec("specs/rpc.ts")).toHold()`. A specification is named by its path, not imported: it has to
 * be loaded by the checker, which needs its source. Failures print the interleaving, and write it where `replay` finds it.
 *
 * Importing this module makes the matchers known.
 */
import { expect } from "vitest";
import { printTrace } from "../counterexamples/print.ts";
import { parseTrace, readTrace } from "../counterexamples/read.ts";
import type { MemoryModelOptions } from "../model/language/memory-model.ts";
import { type ViolationKind, violationKinds } from "../model/language/protocol.ts";
import { SpecError } from "../model/loader/diagnostic.ts";
import { loadSpec } from "../model/loader/load.ts";
import { check, type CheckOptions, type CheckResult } from "./check.ts";
import { renderDiagnostics } from "./diagnostics.ts";
import { UsageError } from "./exit.ts";
import { oneProtocol } from "./one-protocol.ts";
import { replayAgain } from "./replay.ts";
import { terminal } from "./terminal.ts";
import { writeTraces } from "./trace-files.ts";
import { exact } from "./units.ts";

/** What is to be checked. */
export interface Spec {
  /** Path, relative to the working directory. */
  readonly file: string;
  /** Needed where the file exports several protocols. */
  readonly export?: string;
  readonly parameters?: Readonly<Record<string, number>>;
  readonly memoryModel?: Partial<MemoryModelOptions>;
}
/** Bounds of the search, and where counterexamples are written; `false`: nowhere. */
export interface MatcherOptions extends Pick<CheckOptions, "maxStates" | "maxDepth" | "maxMemory" | "timeout" | "workers"> {
  readonly traceDir?: string | false;
}

/** Names a protocol: `spec("specs/rpc.ts", "broken", { parameters: { clients: 3 } })`. */
export function spec(file: string, exportName?: string, more: Omit<Spec, "file" | "export"> = {}): Spec {
  return { file, ...(exportName === undefined ? {} : { export: exportName }), ...more };
}

/** The matchers, for the type of `expect`. */
export interface IpcCheckMatchers<R = unknown> {
  /** Every interleaving was explored and no property is violated. An inconclusive search fails. */
  toHold(options?: MatcherOptions): Promise<R>;
  /** Some property is violated: one of this kind, if it is named, and the counterexample was reproduced on the machine. */
  toViolate(kind?: ViolationKind, options?: MatcherOptions): Promise<R>;
  /** A trace, as an object or by its path, leads to its violation on the executable kernel. */
  toBeReproduced(): Promise<R>;
}
declare module "vitest" {
  // biome-ignore lint/suspicious/noExplicitAny: an interface is extended only with the parameters that it has.
  interface Matchers<T = any> extends IpcCheckMatchers<T> {}
}

interface Outcome {
  readonly pass: boolean;
  readonly message: () => string;
}
/** An error of whoever wrote the test: it fails whether or not the expectation is negated. */
class MisuseError extends Error {}

function isSpec(value: unknown): value is Spec {
  return typeof value === "object" && value !== null && "file" in value && typeof value.file === "string";
}

async function checked(
  received: unknown,
  { traceDir = ".ipc-check", ...bounds }: MatcherOptions,
): Promise<{ readonly result: CheckResult; readonly text: string }> {
  const wanted = typeof received === "string" ? { file: received } : received;
  if (!isSpec(wanted))
    throw new MisuseError('expect() needs the path of a specification, or spec("path", "export"); a protocol that is imported has lost its source');
  const { err } = terminal("never");
  let result: CheckResult;
  try {
    const loaded = await loadSpec(wanted.file, { patience: 10 });
    const sweep = Object.fromEntries(Object.entries(wanted.parameters ?? {}).map(([name, value]) => [name, [value]]));
    const job = { ...oneProtocol(loaded, wanted.file, wanted.export, sweep), ...(wanted.memoryModel === undefined ? {} : { memoryModel: wanted.memoryModel }) };
    result = await check(job, { ...bounds, engine: "wasm", signal: new AbortController().signal, onProgress: () => undefined });
  } catch (error) {
    if (error instanceof SpecError) throw new MisuseError(renderDiagnostics(error.diagnostics, err));
    if (error instanceof UsageError) throw new MisuseError(error.message.replace("--export", "spec(file, export)"));
    throw error;
  }
  if (result.verdict === "error") throw new MisuseError(renderDiagnostics(result.diagnostics, err));
  const files = traceDir === false ? result.violations.map(() => null) : writeTraces(result, traceDir);
  const text = result.violations
    .map(({ trace, kind, message }, i) => {
      const file = files[i] ?? null;
      return trace === null ? `${kind}: ${message}` : printTrace(trace, { color: false, width: 120, ...(file === null ? {} : { file }) }).trimEnd();
    })
    .join("\n\n");
  return { result, text };
}

function figures({ stats, protocol }: CheckResult): string {
  return `${protocol}: ${exact(stats?.states ?? 0)} states`;
}

const matchers = {
  async toHold(received: unknown, options: MatcherOptions = {}): Promise<Outcome> {
    const { result, text } = await checked(received, options);
    const message =
      result.verdict === "inconclusive"
        ? `${figures(result)}, and not all were visited: a bound was reached (${result.bound})`
        : result.verdict === "holds"
          ? `${figures(result)}, and no violation among them`
          : text;
    return { pass: result.verdict === "holds", message: () => message };
  },

  async toViolate(received: unknown, kind?: ViolationKind, options: MatcherOptions = {}): Promise<Outcome> {
    if (kind !== undefined && !violationKinds.includes(kind))
      throw new MisuseError(`"${kind}" is no kind of violation; there are ${violationKinds.join(", ")}`);
    const { result, text } = await checked(received, options);
    const found = result.violations.filter((each) => kind === undefined || each.kind === kind);
    const diverged = found.find(({ replay }) => replay.verdict === "diverged");
    if (diverged !== undefined) throw new MisuseError(`the executable kernel disagrees with the model: ${diverged.replay.message}\n${text}`);
    const message =
      found.length > 0
        ? text
        : `${kind === undefined ? "a violation" : `a ${kind}`} was expected; ${figures(result)}, ${result.verdict}${result.bound === null ? "" : ` (${result.bound})`}${text === "" ? "" : `\n\n${text}`}`;
    return { pass: found.length > 0, message: () => message };
  },

  async toBeReproduced(received: unknown): Promise<Outcome> {
    const trace = typeof received === "string" ? readTrace(received) : parseTrace(JSON.stringify(received), "the trace");
    try {
      const { result } = await replayAgain(trace, typeof received === "string" ? received : "");
      return { pass: result.verdict === "reproduced", message: () => `${result.verdict} at step ${result.step}: ${result.message}` };
    } catch (error) {
      if (error instanceof SpecError) throw new MisuseError(renderDiagnostics(error.diagnostics, terminal("never").err));
      throw error;
    }
  },
};

expect.extend(matchers);
