/**
 * The most general client: a thread without a program performs any operation on anything it holds, with any value of the
 * declared domains, for ever. It picks the next operation with one `choose`.
 */
import type { DomainShape } from "../../model/language/domain.ts";
import { nobody } from "../../model/language/domain.ts";
import { ArrayHandle, CellHandle, type MemoryAction } from "../../model/language/memory.ts";
import type { StepBody } from "../../model/language/operation.ts";
import type { Instance, ThreadInstance } from "../../model/language/protocol.ts";
import { Unsupported } from "./callable.ts";
import type { Walking } from "./expressions.ts";

/** A domain with more values than this is narrowed to the values that held cells may have. */
const wide = 256;

/** The client's program: the numbers of operations are chosen. */
export function* generalClient(steps: readonly StepBody[]): Walking<void> {
  const numbers = steps.map((_, number) => number);
  while (true) {
    const chosen = steps[(yield { kind: "choose", values: numbers }) as number];
    if (chosen !== undefined && chosen.kind !== "waitUntil") yield chosen;
  }
}

/** Everything that the thread may perform. */
export function anythingHeld(instance: Instance, thread: ThreadInstance): readonly StepBody[] {
  const held = thread.holds ?? [];
  const cells = held.flatMap((name) => cellsOf(instance.memory.access[name]));
  const objects = instance.objects.filter(({ ref }) => held.includes(ref.name));
  const threads = instance.threads.filter(({ group }) => held.includes(group)).map(({ handle }) => handle as unknown);

  const valuesOf = (domain: DomainShape, operations: ReadonlySet<unknown>): readonly unknown[] => {
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
        const refs: unknown[] = objects.filter(({ type }) => type.operations.some((operation) => operations.has(operation))).map(({ ref }) => ref);
        return domain.optional === true ? [...refs, null] : refs;
      }
      case "record":
        return product(Object.entries(domain.fields).map(([name, of]) => [name, valuesOf(of, operations)]));
      case "int": {
        if (domain.max - domain.min < wide) return Array.from({ length: domain.max - domain.min + 1 }, (_, i) => domain.min + i);
        const ranges = cells.flatMap((cell) =>
          cell.domain.kind === "int" && cell.domain.max - cell.domain.min < wide ? valuesOf(cell.domain, operations) : [],
        );
        return [...new Set(ranges)].filter((value) => (value as number) >= domain.min && (value as number) <= domain.max);
      }
      default:
        throw new Unsupported(`a client that does anything cannot make up a ${domain.kind}`);
    }
  };

  const operations = new Set([...instance.protocol.kernel.operations, ...objects.flatMap(({ type }) => type.operations)]);
  const steps: StepBody[] = [];
  for (const operation of operations) {
    const { declaration } = operation;
    if (declaration.general === false) continue;
    const args =
      typeof declaration.general === "function"
        ? declaration.general({ objects, threads: threads as never, cells: cells as never })
        : product(
            Object.entries(declaration.args as Readonly<Record<string, DomainShape>>).map(([name, domain]) => [name, valuesOf(domain, new Set([operation]))]),
          );
    for (const given of args) steps.push({ kind: "kernel", operation: declaration as never, args: given });
  }
  const access = (cell: CellHandle, action: MemoryAction, args: readonly unknown[]): void =>
    void steps.push({ kind: "memory", action, cell, args, order: instance.memoryModel.model === "ra" ? "relaxed" : "seq_cst" });
  for (const cell of cells) {
    access(cell, "load", []);
    for (const value of valuesOf(cell.domain, new Set())) access(cell, "store", [value]);
  }
  return steps;
}

function cellsOf(access: unknown): readonly CellHandle[] {
  if (access instanceof CellHandle) return access.isGhost ? [] : [access];
  if (access instanceof ArrayHandle) return access.elements.flatMap(cellsOf);
  if (typeof access === "object" && access !== null && Object.getPrototypeOf(access) === Object.prototype) return Object.values(access).flatMap(cellsOf);
  return [];
}

/** Every record with one of the values in each field. */
function product(fields: readonly (readonly [string, readonly unknown[]])[]): Record<string, unknown>[] {
  let rows: Record<string, unknown>[] = [{}];
  for (const [name, values] of fields) rows = rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value })));
  return rows;
}
