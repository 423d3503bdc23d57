/**
 * A machine profile: the geometry of caches, TLB and store buffer, and what each kind of event costs in cycles. The
 * behaviour of the machine does not depend on costs; only its cycle counters do. A CPU pays for its accesses one after
 * another: nothing overlaps, so a store is paid for when it leaves the store buffer.
 */

/** What cycles are spent on. The numbers index the counters. */
export const Cost = {
  instruction: 0,
  cacheHit: 1,
  /** A line that comes from memory. */
  cacheMiss: 2,
  /** A line that another cache supplies. */
  cacheTransfer: 3,
  /** Telling the other caches to give up their copies. */
  invalidation: 4,
  writeBack: 5,
  /** The page-table walk; its memory accesses are counted as cache hits and misses besides. */
  tlbMiss: 6,
  tlbFlush: 7,
  drain: 8,
  fence: 9,
  locked: 10,
  /** Entry because of a fault. */
  fault: 11,
  kernelEntry: 12,
  kernelExit: 13,
  /** Loading the page-table root. */
  addressSpaceSwitch: 14,
  interrupt: 15,
  ipiSend: 16,
  /** A word moved in bulk, as by a string instruction: in place of the instructions for its load and its store. */
  copy: 17,
  /** An instruction of the scheduler: choosing a thread and switching to it. */
  schedule: 18,
  /** A line that comes from the CPU's own second level. */
  secondLevel: 19,
} as const;
export type CostName = keyof typeof Cost;
export type CostIndex = (typeof Cost)[CostName];
/** Names in the order of the numbers. */
export const costNames: readonly CostName[] = Object.keys(Cost) as CostName[];

/**
 * What a number rests on. `published`: read in the reference. `recalled`: given as the reference is known to have it, not
 * looked up again. `estimate`: derived as the note says. `definition`: no claim about a machine.
 */
export type Basis = "published" | "recalled" | "estimate" | "definition";

export interface Source {
  readonly basis: Basis;
  /** The reference's name in profiles/references.ts; null where there is none. */
  readonly reference: string | null;
  /** Where in the reference, or how it was estimated. */
  readonly note: string;
}

/** What of a profile beside the cycle costs has a source. */
export type Part = "megahertz" | "instructionsPerAccess" | "ipiDelivery" | "cache" | "tlb" | "storeBuffer";

export interface Profile {
  readonly name: string;
  /** The machine in words. */
  readonly title: string;
  /** Clock rate; null: a cycle has no length. */
  readonly megahertz: number | null;
  /** Where each number comes from. */
  readonly sources: Readonly<Record<CostName | Part, Source>>;
  /**
   * How many instructions each memory access stands for: programs and kernels perform their accesses here one by one, and
   * the instructions between them (address computation, comparisons, branches) are charged with them.
   */
  readonly instructionsPerAccess: number;
  /** Cycles from sending an interprocessor interrupt until it can be taken. */
  readonly ipiDelivery: number;
  /** Bytes of a page, a power of two, at least 64. A page table fills one page. */
  readonly pageBytes: number;
  /** `lineWords` and `sets` are powers of two. `second`: the second level, private to the CPU, with lines as long; null: none. */
  readonly cache: {
    readonly lineWords: number;
    readonly sets: number;
    readonly ways: number;
    readonly second: { readonly sets: number; readonly ways: number } | null;
  };
  /**
   * `sets` is a power of two. A tagged TLB keeps the entries of other address spaces at a switch. `kernelPageBytes`: the
   * pages by which the kernel's own memory is mapped, a power of two; null: its translations are never missed.
   */
  readonly tlb: { readonly sets: number; readonly ways: number; readonly tagged: boolean; readonly kernelPageBytes: number | null };
  /** Stores that a CPU can hold back. */
  readonly storeBuffer: { readonly entries: number };
  readonly cycles: Readonly<Record<CostName, number>>;
}

function everyCost(cycles: number): Readonly<Record<CostName, number>> {
  return Object.fromEntries(costNames.map((name) => [name, cycles])) as Record<CostName, number>;
}

const parts: readonly Part[] = ["megahertz", "instructionsPerAccess", "ipiDelivery", "cache", "tlb", "storeBuffer"];
const byDefinition: Source = { basis: "definition", reference: null, note: "every event costs one cycle" };

/** Every event costs one cycle: counts, not a claim about any machine. */
export const unit: Profile = {
  name: "unit",
  title: "every event costs one cycle",
  megahertz: null,
  sources: Object.fromEntries([...costNames, ...parts].map((name) => [name, byDefinition])) as Record<CostName | Part, Source>,
  instructionsPerAccess: 1,
  ipiDelivery: 0,
  pageBytes: 4096,
  cache: { lineWords: 8, sets: 64, ways: 4, second: null },
  tlb: { sets: 16, ways: 4, tagged: false, kernelPageBytes: null },
  storeBuffer: { entries: 16 },
  cycles: everyCost(1),
};

/** The same with pages of 64 bytes and tiny caches, so that a whole machine is a few hundred words and its schedules can be exhausted. */
export const miniature: Profile = {
  ...unit,
  name: "miniature",
  pageBytes: 64,
  cache: { lineWords: 2, sets: 4, ways: 2, second: null },
  tlb: { sets: 1, ways: 4, tagged: false, kernelPageBytes: null },
  storeBuffer: { entries: 6 },
};

/** Throws if a size is not what the machine's arithmetic needs. */
export function checkProfile(profile: Profile): void {
  const powers = {
    pageBytes: profile.pageBytes,
    "cache.lineWords": profile.cache.lineWords,
    "cache.sets": profile.cache.sets,
    "cache.second.sets": profile.cache.second?.sets ?? 1,
    "tlb.sets": profile.tlb.sets,
    "tlb.kernelPageBytes": profile.tlb.kernelPageBytes ?? 1,
  };
  for (const [name, value] of Object.entries(powers)) {
    if (!Number.isInteger(value) || value < 1 || (value & (value - 1)) !== 0)
      throw new RangeError(`profile ${profile.name}: ${name} is ${value}, not a power of two`);
  }
  const counts = {
    "cache.ways": profile.cache.ways,
    "cache.second.ways": profile.cache.second?.ways ?? 1,
    "tlb.ways": profile.tlb.ways,
    "storeBuffer.entries": profile.storeBuffer.entries,
  };
  for (const [name, value] of Object.entries(counts)) {
    if (!Number.isInteger(value) || value < 1) throw new RangeError(`profile ${profile.name}: ${name} is ${value}, not a positive number`);
  }
  if (!(profile.instructionsPerAccess >= 1)) throw new RangeError(`profile ${profile.name}: an access stands for at least one instruction`);
  if (profile.pageBytes < 64) throw new RangeError(`profile ${profile.name}: a page needs at least 64 bytes`);
  if (profile.cache.lineWords * 4 > profile.pageBytes) throw new RangeError(`profile ${profile.name}: a cache line is longer than a page`);
}
