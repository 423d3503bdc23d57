/** Which rules of its kernel a protocol makes use of, counted over the states that a search visited. */
import type { OperationDeclaration } from "../../model/language/kernel.ts";
import type { Instance } from "../../model/language/protocol.ts";
import type { System } from "../../model/system/system.ts";
import type { Census } from "../result.ts";

/** One rule of a kernel or of a type of kernel objects. */
export interface RuleCount {
  /** The operation that it belongs to; null for a background rule. */
  readonly operation: string | null;
  readonly rule: string;
  /** Transitions that are instances of it. */
  readonly fired: number;
}

/** Every rule that the kernel has and every rule of the objects of the protocol, with how often it fired. */
export function ruleCounts({ protocol, objects }: Instance, { transitions, processes, operations }: System, census: Census): readonly RuleCount[] {
  const counts = new Map<string, { readonly operation: string | null; readonly rule: string; fired: number }>();
  const key = (operation: string | null, rule: string): string => `${operation} ${rule}`;
  const add = (operation: string | null, rule: string): void => void counts.set(key(operation, rule), { operation, rule, fired: 0 });
  const declarations = new Set<OperationDeclaration>(
    [...protocol.kernel.operations, ...objects.flatMap(({ type }) => type.operations)].map(({ declaration }) => declaration as unknown as OperationDeclaration),
  );
  for (const { name, rules } of declarations) for (const rule of Object.keys(rules)) add(name, rule);
  for (const rule of Object.keys(protocol.kernel.background)) add(null, rule);
  for (const { id, rule, thread, location } of transitions) {
    const at = thread === null || location === null ? null : processes[thread]?.locations[location];
    const operation = at == null ? null : (operations[at.operation]?.name ?? null);
    const count = counts.get(key(operation, rule));
    if (count !== undefined) count.fired += census.fired[id] ?? 0;
  }
  return [...counts.values()];
}
