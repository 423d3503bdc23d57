/**
 * What the rule of a kernel's deletion makes of its state: run as it stands, for a thread that deletes itself, on the state that a machine projects. A run
 * compares that with what is left on the machine of a thread that was killed.
 */
import { KernelRules } from "../checker/naive/kernel.ts";
import { ThreadHandle } from "../model/language/domain.ts";
import type { OperationDeclaration, StateGroup } from "../model/language/kernel.ts";
import type { Instance } from "../model/language/protocol.ts";
import type { Projection } from "../kernel/common/path.ts";

/** The kernel's operation that deletes a thread: `delete`, of a target. */
function deletion({ protocol }: Instance): OperationDeclaration | null {
  const found = (protocol.kernel.operations as unknown as readonly { readonly declaration: OperationDeclaration }[]).find(
    ({ declaration }) => declaration.name === "delete" && "target" in declaration.args,
  );
  return found?.declaration ?? null;
}

/** The projection after the rule; null if the kernel has no such operation. */
export function afterDeletion(instance: Instance, before: Projection, victim: number): Projection | null {
  const operation = deletion(instance);
  const [rule, ...others] = Object.values(operation?.rules ?? {});
  if (rule === undefined || others.length > 0) return null;
  const rules = new KernelRules(instance);
  const groups: readonly StateGroup[] = [...new Set([...instance.protocol.kernel.state, ...instance.objects.flatMap(({ type }) => type.state)])];
  const kernel = rules.initial().map((members, place) =>
    members.map((fields, index) =>
      Object.fromEntries(
        Object.keys(fields).map((name) => {
          const value = before[`${groups[place]?.name}.${name}`]?.[index] ?? fields[name];
          return [name, Array.isArray(value) ? [...value] : value];
        }),
      ),
    ),
  );
  const world = { memory: [], kernel, isFinished: () => false };
  const effects = {
    complete: () => {},
    terminate: (thread: number) => rules.forget(kernel, thread),
    use: () => {},
  };
  rule.do(rules.acting(world, victim, { target: instance.threads[victim]?.handle }, effects) as never);
  const after: Record<string, readonly unknown[]> = {};
  groups.forEach((group, place) => {
    for (const name of Object.keys(kernel[place]?.[0] ?? {})) after[`${group.name}.${name}`] = (kernel[place] ?? []).map((fields) => fields[name]);
  });
  return after;
}

/** How two projections differ in what both have; null if they do not. */
export function projectionDifference(machine: Projection, rule: Projection): string | null {
  for (const [name, values] of Object.entries(rule)) {
    const own = machine[name];
    if (own === undefined) continue;
    const [left, right] = [JSON.stringify(own.map(plain)), JSON.stringify(values.map(plain))];
    if (left !== right) return `${name} is ${left} on the machine, ${right} after the kernel's rule`;
  }
  return null;
}

function plain(value: unknown): unknown {
  if (value instanceof ThreadHandle) return value.name;
  return Array.isArray(value) ? value.map(plain) : value;
}
