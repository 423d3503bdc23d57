/** A machine profile written as it is documented: each number beside what it rests on. */
import { costNames, type CostName, type Part, type Profile, type Source } from "../profile.ts";
import type { ReferenceName } from "./references.ts";

/** A value with its source. */
export interface Sourced<T> {
  readonly value: T;
  readonly source: Source;
}

/** A value that was read in the reference. */
export function published<T>(value: T, reference: ReferenceName, note: string): Sourced<T> {
  return { value, source: { basis: "published", reference, note } };
}
/** A value that the reference is known to have; it was not looked up again. */
export function recalled<T>(value: T, reference: ReferenceName, note: string): Sourced<T> {
  return { value, source: { basis: "recalled", reference, note } };
}
/** A value that nobody published: derived as the note says. */
export function estimate<T>(value: T, note: string, reference: ReferenceName | null = null): Sourced<T> {
  return { value, source: { basis: "estimate", reference, note } };
}

type Parts = Pick<Profile, "instructionsPerAccess" | "ipiDelivery" | "cache" | "tlb" | "storeBuffer"> & { readonly megahertz: number };

/** What a profile file declares. */
export type SourcedProfile = Pick<Profile, "name" | "title" | "pageBytes"> & {
  readonly [K in keyof Parts]: Sourced<Parts[K]>;
} & { readonly cycles: Readonly<Record<Exclude<CostName, "schedule">, Sourced<number>>> };

/** Splits it into the numbers and their sources. */
export function profile({ name, title, pageBytes, cycles, megahertz, instructionsPerAccess, ipiDelivery, cache, tlb, storeBuffer }: SourcedProfile): Profile {
  const schedule = estimate(cycles.instruction.value, "an instruction like any other");
  const priced: Readonly<Record<CostName, Sourced<number>>> = { ...cycles, schedule };
  const byCost = <T>(of: (entry: Sourced<number>) => T): Record<CostName, T> =>
    Object.fromEntries(costNames.map((cost) => [cost, of(priced[cost])])) as Record<CostName, T>;
  const parts: Readonly<Record<Part, Sourced<unknown>>> = { megahertz, instructionsPerAccess, ipiDelivery, cache, tlb, storeBuffer };
  return {
    name,
    title,
    pageBytes,
    megahertz: megahertz.value,
    instructionsPerAccess: instructionsPerAccess.value,
    ipiDelivery: ipiDelivery.value,
    cache: cache.value,
    tlb: tlb.value,
    storeBuffer: storeBuffer.value,
    cycles: byCost(({ value }) => value),
    sources: {
      ...byCost(({ source }) => source),
      ...(Object.fromEntries(Object.entries(parts).map(([part, { source }]) => [part, source])) as Record<Part, Source>),
    },
  };
}

/** An access that hits takes no time of its own: it is part of its instruction, whose average cycles were measured with it. */
export const hitIsInInstruction: Sourced<number> = estimate(0, "in the cycles of the instruction, whose average contains first-level hits");
