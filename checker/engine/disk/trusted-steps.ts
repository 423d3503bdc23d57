/**
 * After a search on disk: the steps of trusted threads by the lasting numbers of the states that they lead from and to. As many
 * states as will go are expanded, what their steps lead to is put into the index, and one pass over the file tells all of these
 * their numbers; then the same states are expanded again, and their steps can be named. So the file is read once for each memory full of
 * successors, in sequence, as the search itself reads it.
 */
import type { Bound } from "../../result.ts";
import { cells, own } from "../code/cells.ts";
import type { Pause } from "../crew.ts";
import type { Edge } from "../store.ts";
import { capacityOf, type DiskTables } from "./disk-tables.ts";

/** For tests: room for the successors of a few states. */
const fewSuccessors = 64;
/** States between two looks at the clock. */
const stretch = 1_000;
const missing = 0xffff_ffff;

/** Of eight waits those that are asked about. */
export interface Waits {
  readonly group: number;
  readonly bits: number;
}

/** Puts, for the states in the first numbers in memory, the waits that nobody is in into the second half of the marks, and those whose sleeper should wake into the first. */
export async function askChunk({ ground: { memory, crew }, room }: DiskTables, { group, bits }: Waits, count: number, pause: Pause): Promise<Bound | null> {
  memory.put(cells.count, room);
  return crew.perform({ name: "ask", first: 0, end: count, arguments: [group, bits] }, pause);
}

/**
 * Gives `each` the steps from all states in which some thread is in one of the waits; `edges` gives those of a state in memory to
 * states in the index. What kept it from that, or what `each` says; the division of memory is another afterwards.
 */
export async function trustedSteps(
  tables: DiskTables,
  waits: Waits,
  edges: (state: number) => readonly Edge[],
  each: (source: number, steps: readonly Edge[]) => Bound | null,
  pause: Pause,
): Promise<Bound | null> {
  const { ground, room, recordBytes, disk } = tables;
  const { memory, exports, parts } = ground;
  const numberBytes = 4;
  const capacity = disk.eager ? room + fewSuccessors : capacityOf(memory, recordBytes + numberBytes, 2 * room);
  const [part = 0] = parts;
  const empty = (): void => {
    tables.divide(capacity);
    // Behind the index: lasting numbers, then what is asked about the chunk.
    const numbers = memory.address(cells.marks);
    memory.putAddress(cells.links, numbers);
    memory.putAddress(cells.marks, numbers + numberBytes * capacity);
    memory.put(cells.states.batch, 1);
    memory.put(part + own.states.next, 0);
    memory.put(part + own.states.limit, 0);
  };
  empty();
  const numbers = memory.integers(memory.address(cells.links), capacity);
  const free = memory.bytes(memory.address(cells.marks) + room, room);

  /** Names the steps of the states first..end-1, which all lead into the index. */
  const name = async (first: number, end: number): Promise<Bound | null> => {
    numbers.fill(missing);
    let bound = await tables.pass("enumerate", pause);
    bound ??= await tables.chunks(first, end, async (from, count) => {
      const early = await askChunk(tables, waits, count, pause);
      if (early !== null) return early;
      for (let state = 0; state < count; state++) {
        if (state % stretch === 0) {
          const late = await pause();
          if (late !== null) return late;
        }
        if ((waits.bits & ~(free[state] ?? 0)) === 0) continue;
        const steps = edges(state).map((step) => ({ ...step, target: numbers[step.target] ?? missing }));
        if (steps.some(({ target }) => target === missing)) throw tables.damaged("a state that was written is not there");
        const full = each(from + state, steps);
        if (full !== null) return full;
      }
      return null;
    });
    empty();
    return bound;
  };

  let unnamed = 0;
  const bound = await tables.chunks(0, tables.count, async (first, count) => {
    let early = await askChunk(tables, waits, count, pause);
    for (let state = 0; state < count && early === null; early ??= await pause()) {
      const end = Math.min(state + stretch, count);
      state = exports.gather(state, end, waits.bits);
      if (state === end) continue;
      // Not even the steps of one state have room.
      if (unnamed === first + state) return "memory";
      early = await name(unnamed, first + state);
      unnamed = first + state;
      tables.read(first, count);
      early ??= await askChunk(tables, waits, count, pause);
    }
    return early;
  });
  return bound ?? name(unnamed, tables.count);
}
