/** What the generator of random protocols needs to know of a kernel: how it is declared, and how its operations are written. */

export type Type = "int" | "boolean" | "color" | "thread" | "pair";

/** The writer of one random protocol, as a kernel's part uses it. Every decision is read off the tape, the simplest alternative first. */
export interface Writer {
  /** A number below `limit`; 0 once the tape has ended. */
  below(limit: number): number;
  oneOf<T>(first: T, ...others: readonly T[]): T;
  /** True in one of `n` cases. */
  rarely(n: number): boolean;
  /** False in one of `n` cases. */
  mostly(n: number): boolean;
  /** A name that is not used yet. */
  fresh(): string;
  /** A pure expression of a type: a local in scope, a literal, or something computed (ints stay within 0..2). */
  expression(type: Type): string;
  literal(type: Type): string;
  /** A thread of the protocol, perhaps the acting one; never `nobody`. */
  partner(): string;
  /** A cell that holds integers 0..2. */
  intCell(): string;
  /** Notes that the local `name` is declared from here on. */
  declare(name: string, type: Type): void;
  /** The type of the protocol's messages; `domainOf` gives its declaration. */
  readonly message: Type;
  /** Which thread is being written, of those that the protocol declares. */
  readonly thread: number;
  /** Names of the objects that the kernel's part declared. */
  readonly objects: readonly string[];
}

/** One kernel in random protocols. */
export interface RandomKernel {
  readonly name: string;
  /** Takes long to compile: among other kernels it is chosen less often. */
  readonly isRare?: boolean;
  /** Import lines for a module of protocols. */
  readonly imports: string;
  /** Numbers of CPUs to choose from, the most usual first. */
  readonly cpus: readonly [number, ...number[]];
  /** Names that threads find in their context, besides objects. */
  readonly context: readonly string[];
  /** Source of the kernel's declaration, and of its objects' by name. */
  declare(writer: Writer, cpus: number): { readonly kernel: string; readonly objects: Readonly<Record<string, string>> };
  /** Operations are the kernel's own in one of so many cases; otherwise they go to memory. */
  readonly share: { readonly operation: number; readonly keep: number };
  /** An operation whose result is not kept: `yield* ipc.wait()`. */
  operation(writer: Writer): string;
  /** Statements that perform an operation and keep what it yields in locals, `name` among them; each line indented. */
  keep(writer: Writer, indent: string, name: string): string;
}

const colors = ['"red"', '"green"', '"blue"'];

/** The domain of a type, as source. */
export function domainOf(type: Type): string {
  switch (type) {
    case "int":
      return "int(0, 2)";
    case "boolean":
      return "bool()";
    case "color":
      return `oneOf(${colors.join(", ")})`;
    case "thread":
      return "threadId";
    case "pair":
      return "record({ a: int(0, 2), ok: bool() })";
  }
}
