/** Projected state of objects: one value for each object of the protocol, in order, null for those that are of another kind. Caller holds: no section. */
import type { Instance } from "../../model/language/protocol.ts";
import type { Projection } from "./path.ts";

/** What `value` says of each object, by the records of one kind. */
export function perObject<T>({ objects }: Instance, records: ReadonlyMap<number, T>, value: (record: T) => unknown): readonly unknown[] {
  return objects.map(({ ref }) => {
    const record = records.get(ref.index);
    return record === undefined ? null : value(record);
  });
}

/** The same for several variables; none where the protocol has no object of this kind. */
export function fieldsPerObject<T>(instance: Instance, records: ReadonlyMap<number, T>, fields: Readonly<Record<string, (record: T) => unknown>>): Projection {
  if (records.size === 0) return {};
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, perObject(instance, records, value)]));
}
