/**
 * Where generated code, host and workers meet: words at fixed addresses at the start of memory, and words at the start
 * of each worker's own part. Words that many write stand on cache lines of their own.
 */

/** Where an address of what grows stands, in 64 bits: for `Far` and `Memory`, which know what to do with it. */
export interface AddressCell {
  readonly cell: number;
}
const address = (cell: number): AddressCell => ({ cell });

/** A table of states or of parts of states (table.ts). */
export interface TableCells {
  /** Address of the array, its room, its hash index and how many entries that has, the bits of an entry for the number. */
  readonly base: AddressCell;
  readonly capacity: number;
  readonly index: AddressCell;
  readonly slots: number;
  readonly numberMask: number;
  /** How many numbers a worker takes at once. */
  readonly batch: number;
  /** Numbers taken. */
  readonly claimed: number;
}
const tableCells = (at: number): TableCells => ({
  base: address(at),
  index: address(at + 8),
  capacity: at + 16,
  slots: at + 20,
  numberMask: at + 24,
  batch: at + 28,
  claimed: at + 64,
});

const states: TableCells = tableCells(64);
const nodes: TableCells = tableCells(640);

export const cells = {
  states: states as TableCells,
  /** Parts of states, in the compressed store. */
  nodes: nodes as TableCells,
  /** The next state to be expanded that nobody has taken; how many are taken at once. */
  cursor: 320,
  portionSize: 256,
  /** Counts the tasks; workers sleep on it. */
  task: 384,
  /** What is to be done, up to where, and three arguments. */
  kind: 388,
  end: 392,
  arguments: [396, 400, 404],
  /** Not 0: come to an end. */
  stop: 408,
  /** Workers still at it; the host sleeps on it. */
  active: 448,
  /** Next portion of a task that is divided by ranges. */
  portion: 512,
  /** Addresses of the marks of states, and of their links or, on disk, lasting numbers. */
  marks: address(576) as AddressCell,
  links: address(584) as AddressCell,
  /** States, when all of them are known. */
  count: 592,
  /** 1 once a bound of the memory model has been met. */
  bounded: 596,
  /** The log of edges (runs.ts): addresses of the states' places in it and of the log; blocks that there are, whether nothing is written any more, blocks taken. */
  log: { first: address(600) as AddressCell, base: address(608) as AddressCell, capacity: 616, closed: 620, claimed: 832 },
  /** 1 once a state may have been given one of several representatives. */
  inexact: 624,
  /** The symmetric group whose wait is asked about: its first member among all, and how many there are; 0: none. */
  orbit: { first: 628, count: 632 },
  bytes: 1024,
} as const;

/** In each worker's part. */
export const own = {
  transitions: 0,
  ready: 8,
  /** The last task that the worker is to take part in. */
  enlisted: 12,
  outcome: 16,
  /** End of what has been noted. */
  findings: 20,
  /** States taken from the frontier: the next one and the end. */
  cursor: 24,
  end: 28,
  /** Next entry of the successor buffer to be stored, and the buffer's end. */
  flushing: 32,
  /** Numbers taken and not yet used, by table. */
  states: { next: 40, limit: 44 },
  nodes: { next: 48, limit: 52 },
  /** The trusted threads that were found waiting, not at rest; 64 bits. */
  harmed: 56,
  /** Whether steps of the state expanded last were left out. */
  reduced: 80,
  /** Of the states that a pass over the disk has seen: their hashes, added up; 64 bits. */
  sum: 64,
  /** In the worker's block of the log: the next free place and the end, from the start of the log in units of 8 bytes. */
  log: { next: 72, limit: 76 },
  bytes: 128,
} as const;

/** Why `run` came back: nothing to take any more, enough for now, no room, or findings to be taken away. */
export const ran = { done: 0, more: 1, full: 2, findings: 3 } as const;
