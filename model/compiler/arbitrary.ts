/**
 * The most general client: a thread without a program performs any operation on anything it holds, with any value of the
 * declared domains, for ever. Its program is made up here: choose one of all possible operations, perform it, again.
 */
import { type DomainShape, nobody } from "../language/domain.ts";
import type { OperationDeclaration } from "../language/kernel.ts";
import { ArrayHandle, CellHandle } from "../language/memory.ts";
import type { Site } from "../language/operation.ts";
import type { ThreadInstance } from "../language/protocol.ts";
import type { FunctionSource, ModuleSource } from "../loader/registry.ts";
import { asScalar, type Context } from "./context.ts";
import { leavesOf } from "./domains.ts";
import { binary, lookup, number } from "./expr.ts";
import { reject, type Span } from "./problem.ts";
import { chooseOperation, fromLeaves, kernelOperation, memoryOperation } from "./operations.ts";
import { Scope } from "./scope.ts";
import { flatten } from "./storage.ts";
import { native, type Operation, type Struct, type Value } from "./values.ts";
import { performOperation } from "./yields.ts";

/** A domain with more values than this is narrowed to the values that held cells may have. */
const wide = 256;

/** Operations that differ only in the values of scalar arguments. */
interface Family {
  readonly label: string;
  /** One row of arguments for each operation of the family. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  perform(args: Value): Operation;
  readonly domains: Readonly<Record<string, DomainShape>>;
}

/** Builds the program of a thread without one. */
export function arbitraryBody(cx: Context, instance: ThreadInstance): void {
  const { scope, span } = nowhere(instance);
  const families = familiesOf(cx, instance, scope, span);
  const total = families.reduce((sum, { rows }) => sum + rows.length, 0);
  if (total === 0) {
    cx.graph.end({ op: "finish" });
    return;
  }
  const head = cx.graph.node();
  cx.graph.continueAt(head);
  const numbers = Array.from({ length: total }, (_, i) => native(i));
  const chosen = asScalar(performOperation(cx, chooseOperation(cx, numbers, scope, span), "anything", scope, span));
  if (chosen === null) throw new Error("a choice among numbers is a number");
  let from = 0;
  for (const family of families) {
    const here = cx.graph.node();
    const next = cx.graph.node();
    cx.graph.branch(binary("<", chosen.expr, number(from + family.rows.length)), here, next);
    cx.graph.current = here;
    // The family's own part of the numbers picks the row of its table.
    const row = binary("-", chosen.expr, number(from));
    const fields = new Map(
      Object.entries(family.domains).map(([name, domain]): [string, Value] => {
        const values = family.rows.map((each) => each[name]);
        if (domain.kind === "cell" || domain.kind === "object") return [name, native(values[0])];
        const table = values.map((value) => flatten(cx, domain, native(value), name, scope, span).map(({ expr }) => expr));
        return [
          name,
          fromLeaves(
            cx,
            domain,
            leavesOf(domain, cx.program.sizes).map((_, column) =>
              lookup(
                table.map((leaves) => leaves[column] ?? number(0)),
                row,
              ),
            ),
          ),
        ];
      }),
    );
    const args: Struct = { kind: "record", guard: null, fields };
    performOperation(cx, family.perform(args), family.label, scope, span);
    cx.graph.end({ op: "goto", to: head });
    cx.graph.current = next;
    from += family.rows.length;
  }
  // No number is above the last: what remains is never reached.
  cx.graph.end({ op: "goto", to: head });
}

/** Everything that the thread may perform. */
function familiesOf(cx: Context, thread: ThreadInstance, scope: Scope, span: Span): readonly Family[] {
  const { instance } = cx.program;
  const held = thread.holds ?? [];
  const cells = held.flatMap((name) => cellsOf(instance.memory.access[name]));
  const objects = instance.objects.filter(({ ref }) => held.includes(ref.name));
  const threads = instance.threads.filter(({ group }) => held.includes(group)).map(({ handle }) => handle as unknown);
  const valuesOf = (domain: DomainShape, operation: unknown): readonly unknown[] => {
    switch (domain.kind) {
      case "boolean":
        return [false, true];
      case "enum":
        return domain.values;
      case "thread":
        return [nobody, ...threads];
      case "cell":
        return cells;
      case "object": {
        const fits = objects.filter(({ type }) => type.operations.some((each) => each === operation));
        return [...fits.map(({ ref }) => ref), ...(domain.optional === true ? [null] : [])];
      }
      case "record":
        return product(Object.entries(domain.fields).map(([name, of]) => [name, valuesOf(of, operation)]));
      case "int": {
        if (domain.max - domain.min < wide) return Array.from({ length: domain.max - domain.min + 1 }, (_, i) => domain.min + i);
        const values = cells.flatMap((cell) =>
          cell.domain.kind === "int" && cell.domain.max - cell.domain.min < wide ? valuesOf(cell.domain, operation) : [],
        );
        return [...new Set(values)].filter((value) => (value as number) >= domain.min && (value as number) <= domain.max);
      }
      default:
        return reject("IPC172", `a client that does anything cannot make up a ${domain.kind}`, null, null, "mark the operation with general: false");
    }
  };

  const families: Family[] = [];
  for (const operation of new Set([...instance.protocol.kernel.operations, ...objects.flatMap(({ type }) => type.operations)])) {
    const declaration = operation.declaration as unknown as OperationDeclaration;
    if (declaration.general === false) continue;
    const domains = declaration.args as Readonly<Record<string, DomainShape>>;
    const rows: readonly Readonly<Record<string, unknown>>[] =
      typeof declaration.general === "function"
        ? declaration.general({ objects, threads: threads as never, cells: cells as never })
        : product(Object.entries(domains).map(([name, domain]) => [name, valuesOf(domain, operation)]));
    // What an operation names must be known where it stands, so each cell and object has its own place.
    const references = Object.keys(domains).filter((name) => domains[name]?.kind === "cell" || domains[name]?.kind === "object");
    for (const group of groupBy(rows, (row) => references.map((name) => row[name]))) {
      families.push({ label: declaration.name, rows: group, domains, perform: (args) => kernelOperation(cx, declaration, args, scope, span) });
    }
  }
  // Buffering a store gains a client nothing: it can as well wait. Under release/acquire relaxed accesses promise least.
  const order = native(instance.memoryModel.model === "ra" ? "relaxed" : "seq_cst");
  for (const cell of cells) {
    const ref = { kind: "cell", cell, index: number(cell.index) } as const;
    families.push({ label: `${cell.variable}.load`, rows: [{}], domains: {}, perform: () => memoryOperation(cx, ref, "load", [order], scope, span) });
    const rows = valuesOf(cell.domain, null).map((value) => ({ value }));
    if (rows.length > 0)
      families.push({
        label: `${cell.variable}.store`,
        rows,
        domains: { value: cell.domain },
        perform: (args) =>
          memoryOperation(cx, ref, "store", [args.kind === "record" ? (args.fields.get("value") ?? native(0)) : native(0), order], scope, span),
      });
  }
  return families;
}

function cellsOf(access: unknown): readonly CellHandle[] {
  if (access instanceof CellHandle) return access.isGhost ? [] : [access];
  if (access instanceof ArrayHandle) return access.elements.flatMap(cellsOf);
  if (typeof access === "object" && access !== null && Object.getPrototypeOf(access) === Object.prototype) return Object.values(access).flatMap(cellsOf);
  return [];
}

/** Every record with one of the values in each field. */
function product(fields: readonly (readonly [string, readonly unknown[]])[]): readonly Readonly<Record<string, unknown>>[] {
  return fields.reduce<readonly Readonly<Record<string, unknown>>[]>(
    (rows, [name, values]) => rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value }))),
    [{}],
  );
}

function groupBy<T>(rows: readonly T[], keyOf: (row: T) => readonly unknown[]): readonly (readonly T[])[] {
  const groups: { readonly key: readonly unknown[]; readonly rows: T[] }[] = [];
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.find((each) => each.key.every((part, i) => part === key[i]));
    if (group === undefined) groups.push({ key, rows: [row] });
    else group.rows.push(row);
  }
  return groups.map(({ rows }) => rows);
}

/** A program that nobody wrote has no place in the source; reports name the thread. */
function nowhere(instance: ThreadInstance): { readonly scope: Scope; readonly span: Span } {
  const site: Site = Object.freeze({ file: `threads.${instance.group}`, start: 0, end: 0, line: 1, column: 1 });
  const module: ModuleSource = {
    file: site.file,
    text: "",
    get program(): never {
      throw new Error("a general client has no source");
    },
    site: () => site,
  };
  const source: FunctionSource = {
    module,
    start: 0,
    get node(): never {
      throw new Error("a general client has no source");
    },
    captures: () => false,
    captured: () => undefined,
  };
  return { scope: new Scope(null, source, {}), span: { start: 0, end: 0 } };
}
