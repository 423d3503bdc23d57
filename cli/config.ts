/**
 * `ipc-check.config.ts`: what a project's checks are. What the command line says goes first. The file is the project's own
 * code and is run; what it exports is looked at before it is used.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { integer, list, literal, ShapeError, type Shape, table, text, truth } from "../counterexamples/shape.ts";
import { type MemoryModelName, memoryModels } from "../model/language/memory-model.ts";
import { nearestName } from "../model/language/names.ts";
import { SpecError } from "../model/loader/diagnostic.ts";
import { loadModule } from "../model/loader/load.ts";
import { UsageError } from "./exit.ts";
import { memory, type OutputChoice, output, type ReporterChoice, reporter, seconds } from "./options.ts";

/** What a check may come to; beyond it the run fails. */
export interface Budget {
  readonly states?: number;
  readonly seconds?: number;
}

export interface Config {
  /** Files, folders and patterns that `verify` checks when none are named. */
  readonly specs?: readonly string[];
  readonly expect?: boolean;
  readonly strict?: boolean;
  readonly memoryModel?: MemoryModelName;
  /** As on the command line: `pretty`, `junit=report.xml`. */
  readonly reporters?: readonly string[];
  /** `svg=pictures/`. */
  readonly out?: readonly string[];
  /** `"90s"`, `"5m"`. */
  readonly timeout?: string;
  /** `"2G"`. */
  readonly maxMemory?: string;
  readonly maxStates?: number;
  readonly maxDepth?: number;
  readonly workers?: number;
  readonly traceDir?: string;
  /** The file of accepted violations and state counts. */
  readonly baseline?: string;
  /** A protocol whose states have grown by more than this factor over the baseline is reported; default 1.5. */
  readonly growth?: number;
  /** By pattern of the specification's path, `"specs/rpc.ts"` or `"specs/**"`; all that match count. */
  readonly budgets?: Readonly<Record<string, Budget>>;
}

/** Types a configuration: `export default defineConfig({ specs: ["specs"], expect: true })`. */
export function defineConfig(config: Config): Config {
  return config;
}

/** Names that are looked for in the working directory. */
const fileNames: readonly string[] = ["ipc-check.config.ts", "ipc-check.config.mts", "ipc-check.config.js", "ipc-check.config.mjs"];

const number: Shape<number> = (value, where) => {
  if (typeof value !== "number" || !Number.isFinite(value) || value <= 0) throw new ShapeError(where, "must be a positive number");
  return value;
};

const count = integer(1, Number.MAX_SAFE_INTEGER);
const shapes: { readonly [K in keyof Required<Config>]: Shape<NonNullable<Config[K]>> } = {
  specs: list(text, 1_000),
  expect: truth,
  strict: truth,
  memoryModel: literal(...memoryModels),
  reporters: list(text, 20),
  out: list(text, 20),
  timeout: text,
  maxMemory: text,
  maxStates: count,
  maxDepth: count,
  workers: count,
  traceDir: text,
  baseline: text,
  growth: number,
  budgets: table(known("budget", { states: count, seconds: number })),
};

/** An object all of whose fields may be left out, and that has no others. */
function known<T extends object>(what: string, fields: { readonly [K in keyof Required<T>]: Shape<NonNullable<T[K]>> }): Shape<T> {
  return (value, where) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ShapeError(where, "must be an object");
    const entries = Object.entries(value).map(([name, each]) => {
      const path = where === "" ? name : `${where}.${name}`;
      const shape = Object.hasOwn(fields, name) ? (fields as Readonly<Record<string, Shape<unknown>>>)[name] : undefined;
      if (shape === undefined) {
        const near = nearestName(name, Object.keys(fields));
        throw new ShapeError(path, `is no option of a ${what}${near === null ? `; there are ${Object.keys(fields).join(", ")}` : `; did you mean "${near}"?`}`);
      }
      return [name, shape(each, path)];
    });
    return Object.fromEntries(entries) as T;
  };
}

/** The project's configuration: the file named, or the one in the working directory; empty if there is none. */
export async function loadConfig(named: string | undefined): Promise<{ readonly file: string | null; readonly config: Config }> {
  const name = named ?? fileNames.find((each) => existsSync(each));
  if (name === undefined) return { file: null, config: {} };
  if (!existsSync(name)) throw new UsageError(`there is no configuration ${name}`);
  let namespace: Readonly<Record<string, unknown>>;
  try {
    ({ namespace } = await loadModule(resolve(name)));
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    const [first] = error.diagnostics;
    const place = first?.site == null ? name : `${first.site.file}:${first.site.line}:${first.site.column}`;
    throw new UsageError(`the configuration cannot be read: ${place}: ${first?.message ?? "it does not compile"}`);
  }
  if (!("default" in namespace)) throw new UsageError(`${name} has no default export; write export default defineConfig({ … })`);
  try {
    return { file: name, config: known<Config>("configuration", shapes)(namespace["default"], "") };
  } catch (error) {
    if (error instanceof ShapeError) throw new UsageError(`${name}: ${error.message}`);
    throw error;
  }
}

/** Options in the configuration's own words, as the command line's are after parsing. */
export function optionsOf({ config, file }: { readonly config: Config; readonly file: string | null }): Readonly<Record<string, unknown>> {
  const { specs: _specs, budgets: _budgets, growth: _growth, reporters, out, timeout, maxMemory, expect, strict, ...others } = config;
  const parsed = <T>(name: string, parse: () => T): T => {
    try {
      return parse();
    } catch (error) {
      throw new UsageError(`${file}: ${name}: ${(error as Error).message}`);
    }
  };
  return {
    ...others,
    ...(expect === true ? { expect } : {}),
    ...(strict === true ? { strict } : {}),
    ...(timeout === undefined ? {} : { timeout: parsed("timeout", () => seconds(timeout)) }),
    ...(maxMemory === undefined ? {} : { maxMemory: parsed("maxMemory", () => memory(maxMemory)) }),
    ...(reporters === undefined
      ? {}
      : { reporter: parsed("reporters", () => reporters.reduce<readonly ReporterChoice[] | undefined>((all, each) => reporter(each, all), undefined)) }),
    ...(out === undefined ? {} : { out: parsed("out", () => out.reduce<readonly OutputChoice[] | undefined>((all, each) => output(each, all), undefined)) }),
  };
}
