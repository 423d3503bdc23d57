/**
 * The registry of functions whose source is known: what the instrumented modules report when they are loaded, and how
 * the compiler and the naive checker get from a native function value to its syntax tree and captured values.
 *
 * The registry hangs on the global object, so that a specification's modules, the kernels and the tool share one even
 * if this file is loaded more than once.
 */
import { createRequire } from "node:module";
import { relative, isAbsolute, sep } from "node:path";
import type { ArrowFunctionExpression, Function as FunctionNode, Node, Program } from "@oxc-project/types";
import type { Site, Step } from "../language/operation.ts";

export { fitLocal as fit } from "../language/fit.ts";

/** One module, as its author wrote it. */
export interface ModuleSource {
  /** Path as shown to people: relative to the working directory, or `ipc-check/kernel/...` for our own modules. */
  readonly file: string;
  /** The original text, before instrumentation. */
  readonly text: string;
  /** Its syntax tree, without parenthesis nodes; parsed on first use. */
  readonly program: Program;
  /** The place of a range of offsets. The same range is the same object. */
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

type AnyFunction = (...args: never[]) => unknown;
/** A getter for each captured name: a name is looked up when it is asked for, so declarations may come later. */
type Scope = () => Readonly<Record<string, unknown>>;

class Module implements ModuleSource {
  readonly file: string;
  readonly text: string;
  #program: Program | null = null;
  #functions: Map<number, FunctionNode | ArrowFunctionExpression> | null = null;
  #lines: number[] | null = null;
  readonly #sites: Map<number, Site> = new Map();

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
  }

  get program(): Program {
    this.#program ??= parse(this.file, this.text);
    return this.#program;
  }

  functionAt(start: number): FunctionNode | ArrowFunctionExpression {
    this.#functions ??= functionsOf(this.program);
    const node = this.#functions.get(start);
    if (node === undefined) throw new Error(`${this.file}: no function begins at offset ${start}`);
    return node;
  }

  site(start: number, end: number): Site {
    const key = start * 2 ** 26 + end;
    let site = this.#sites.get(key);
    if (site === undefined) {
      this.#lines ??= lineStarts(this.text);
      let low = 0;
      let high = this.#lines.length;
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if ((this.#lines[middle] ?? 0) <= start) low = middle;
        else high = middle;
      }
      site = Object.freeze({ file: this.file, start, end, line: low + 1, column: start - (this.#lines[low] ?? 0) + 1 });
      this.#sites.set(key, site);
    }
    return site;
  }
}

class Source implements FunctionSource {
  readonly module: Module;
  readonly start: number;
  readonly #scope: Scope;
  readonly #self: AnyFunction;
  #values: Readonly<Record<string, unknown>> | null = null;
  #node: FunctionNode | ArrowFunctionExpression | null = null;

  constructor(self: AnyFunction, module: Module, start: number, scope: Scope) {
    this.#self = self;
    this.module = module;
    this.start = start;
    this.#scope = scope;
  }

  get node(): FunctionNode | ArrowFunctionExpression {
    this.#node ??= this.module.functionAt(this.start);
    return this.#node;
  }

  captures(name: string): boolean {
    this.#values ??= this.#scope();
    return Object.hasOwn(this.#values, name) || name === this.#ownName;
  }

  captured(name: string): unknown {
    if (!this.captures(name)) throw new Error(`${this.module.file}: the function at offset ${this.start} does not capture "${name}"`);
    return name === this.#ownName ? this.#self : this.#values?.[name];
  }

  /** A named function expression sees itself under its name; no scope around it does. */
  get #ownName(): string | undefined {
    return this.#self.name !== "" && this.node.type === "FunctionExpression" ? this.node.id?.name : undefined;
  }
}

interface Registry {
  readonly functions: WeakMap<AnyFunction, Source>;
}
const key: unique symbol = Symbol.for("ipc-check.registry.1") as never;
const global = globalThis as { [key]?: Registry };
global[key] ??= { functions: new WeakMap() };
const registry: Registry = global[key];

/** The source of a function, or null if its module was not loaded by `loadSpec` and is none of our kernels. */
export function sourceOf(fn: unknown): FunctionSource | null {
  return typeof fn === "function" ? (registry.functions.get(fn as AnyFunction) ?? null) : null;
}

/** Called first by every instrumented module. Absolute paths are shown relative to the working directory, if inside. */
export function module(file: string, text: string): ModuleSource {
  return new Module(shownPath(file), text);
}

/** Called by instrumented modules with each function that they make; returns it. */
export function register<F extends AnyFunction>(fn: F, module: ModuleSource | undefined, start: number, scope: Scope, name?: string): F {
  // A hoisted function may run in an import cycle before its module has begun: nothing to register yet.
  if (module === undefined) return fn;
  registry.functions.set(fn, new Source(fn, module as Module, start, scope));
  if (name !== undefined && fn.name === "") Object.defineProperty(fn, "name", { value: name, configurable: true });
  return fn;
}

/**
 * Called by instrumented modules for each `yield* operand`: an operation gets the site of the whole `yield*` expression
 * (from `yield` to the end of the operand); anything else, as a helper generator, passes through.
 */
export function at<T>(module: ModuleSource | undefined, start: number, end: number, operand: T): T {
  if (module !== undefined && typeof operand === "object" && operand !== null && "step" in operand) (operand.step as Step).site ??= module.site(start, end);
  return operand;
}

/** A path as people should see it. */
export function shownPath(file: string): string {
  if (!isAbsolute(file)) return file;
  const path = relative(process.cwd(), file);
  return (path.startsWith("..") || isAbsolute(path) ? file : path).split(sep).join("/");
}

type Parser = typeof import("oxc-parser");
let parser: Parser | null = null;
/** oxc-parser, loaded when a syntax tree is first needed. */
export function oxc(): Parser {
  parser ??= createRequire(import.meta.url)("oxc-parser") as Parser;
  return parser;
}

function parse(file: string, text: string): Program {
  return oxc().parseSync(file, text, { preserveParens: false }).program;
}

/** All functions of a module by their offsets. */
function functionsOf(program: Program): Map<number, FunctionNode | ArrowFunctionExpression> {
  const found = new Map<number, FunctionNode | ArrowFunctionExpression>();
  const { visitorKeys } = oxc();
  const visit = (node: Node): void => {
    if (node.type === "FunctionExpression" || node.type === "FunctionDeclaration" || node.type === "ArrowFunctionExpression") found.set(node.start, node);
    for (const name of visitorKeys[node.type] ?? []) {
      const child = (node as unknown as Record<string, unknown>)[name];
      for (const each of Array.isArray(child) ? child : [child]) if (isNode(each)) visit(each);
    }
  };
  visit(program);
  return found;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
  return starts;
}
