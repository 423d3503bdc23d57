/**
 * What a violation looks like in the machine: which control block is in which queue, whose partner is whom, who holds which
 * reply right. Read back from simulated memory, record by record: every link and every queue that leads somewhere.
 */
import type { Executor } from "../kernel/common/executor.ts";
import { ThreadHandle } from "../model/language/domain.ts";
import { recordName } from "./inspect.ts";

/** The scheduler's own records: run queues keep blocked threads for a while, which says nothing. */
const machinery: ReadonlySet<string> = new Set(["thread", "cpu", "run queue"]);

/** One line for each record that leads to another: `tcb server at 0x5c0: sendQueue [client]`. */
export function evidence(executor: Executor): readonly string[] {
  return executor.records().flatMap(({ layout, record, fields }) => {
    if (machinery.has(layout)) return [];
    const values = record as unknown as Readonly<Record<string, unknown>>;
    const links = fields.flatMap((field) => {
      const target = leadsTo(values[field]);
      return target === null ? [] : [`${field} ${target}`];
    });
    return links.length === 0 ? [] : [`${recordName(layout, record.name)} at 0x${record.address.toString(16)}: ${links.join(", ")}`];
  });
}

/** The names of what a field leads to; null for a field that is no link, or leads nowhere. */
function leadsTo(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return null;
  if (value instanceof ThreadHandle) return value.id < 0 ? null : value.name;
  if (Symbol.iterator in value) {
    const names = Array.from(value as Iterable<unknown>, (each) => leadsTo(each)).filter((name) => name !== null);
    return names.length === 0 ? null : `[${names.join(", ")}]`;
  }
  return "name" in value && "address" in value ? String(value.name) : null;
}
