/**
 * Views of release/acquire memory as rows of state variables: for each cell the position of the latest message known,
 * and for each access that may race with another whether it is missed, that is, not known to happen before.
 *
 * Of all accesses of one kind that a thread makes to a cell only the latest counts (as in vector clocks: FastTrack,
 * Flanagan and Freund 2009): whoever knows of it knows of those before. So one bit does, and states stay finite.
 */
import type { Expr, UnorderedAccess } from "../system/system.ts";
import { type BodyBuilder, binary, constant, load, max, select } from "./code.ts";
import type { AccessKind, MemorySetup } from "./model.ts";

/** Some elements of a variable, from `at` on. */
export interface Row {
  readonly variable: number;
  readonly at: Expr;
}
export interface View {
  readonly positions: Row;
  /** Null: the view says nothing about what happened before. */
  readonly missed: Row | null;
}

/** A view that is there only where `used` is 1: that of a message. */
export interface Held {
  readonly view: View;
  readonly used: Expr;
}

/** Accesses of one kind that a thread makes to the cells of a variable: bits `from`, one for each cell. */
interface Event extends AccessKind {
  readonly thread: number;
  readonly from: number;
}

type Declare = (name: string, length: number, min: number, max: number, initial: readonly number[] | number) => number;

/** Declares rows and gives out what can be done with them. */
export class Rows {
  readonly #declare: Declare;
  readonly #width: number;
  readonly #top: number;
  readonly #events: readonly Event[];
  readonly #bits: number;
  /** Cells that can have several messages; all views agree on the others. */
  readonly #cells: readonly Expr[];

  constructor(setup: MemorySetup, top: number, written: readonly number[], declare: Declare) {
    this.#declare = declare;
    this.#width = setup.cells.reduce((sum, { length }) => sum + length, 0);
    this.#top = top;
    this.#cells = written.map(constant);
    let bits = 0;
    this.#events = eventsOf(setup).map((event) => {
      const from = bits;
      bits += setup.cells.find(({ id }) => id === event.variable)?.length ?? 0;
      return { ...event, from };
    });
    this.#bits = bits;
  }

  /** Declares `count` views in one block. */
  views(name: string, count: number, remembers: boolean = true): readonly View[] {
    if (count === 0) return [];
    const positions = this.#declare(`view.${name}`, count * this.#width, 0, this.#top, 0);
    const missed = remembers && this.#bits > 0 ? this.#declare(`missed.${name}`, count * this.#bits, 0, 1, 0) : null;
    return Array.from({ length: count }, (_, i) => this.view({ positions, missed }, constant(i)));
  }
  /** One view of a block. */
  view({ positions, missed }: { readonly positions: number; readonly missed: number | null }, index: Expr): View {
    return {
      positions: { variable: positions, at: binary(index, "*", this.#width) },
      missed: missed === null ? null : { variable: missed, at: binary(index, "*", this.#bits) },
    };
  }

  at({ positions }: View, cell: Expr): Expr {
    return load(positions.variable, binary(positions.at, "+", cell));
  }
  put(body: BodyBuilder, { positions }: View, cell: Expr, position: Expr): void {
    body.assign(positions.variable, binary(positions.at, "+", cell), position);
  }
  /** Raises what a view knows of a cell. */
  raise(body: BodyBuilder, view: View, cell: Expr, position: Expr): void {
    this.put(body, view, cell, max(this.at(view, cell), position));
  }
  join(body: BodyBuilder, into: View, from: View): void {
    for (const cell of this.#cells) this.raise(body, into, cell, this.at(from, cell));
    this.#each(into, from, (to, have, other) => body.assign(to.variable, to.index, binary(have, "&", other)));
  }
  copy(body: BodyBuilder, into: View, from: View): void {
    for (const cell of this.#cells) this.put(body, into, cell, this.at(from, cell));
    this.#each(into, from, (to, _, other) => body.assign(to.variable, to.index, other));
  }
  clear(body: BodyBuilder, view: View): void {
    for (const cell of this.#cells) this.put(body, view, cell, constant(0));
    const { missed } = view;
    if (missed !== null) for (let bit = 0; bit < this.#bits; bit++) body.assign(missed.variable, binary(missed.at, "+", bit), 0);
  }
  #each(into: View, from: View, act: (to: { readonly variable: number; readonly index: Expr }, have: Expr, other: Expr) => void): void {
    if (into.missed === null || from.missed === null) return;
    for (let bit = 0; bit < this.#bits; bit++) {
      const index = binary(into.missed.at, "+", bit);
      act({ variable: into.missed.variable, index }, load(into.missed.variable, index), load(from.missed.variable, binary(from.missed.at, "+", bit)));
    }
  }

  /** Enters an access of `thread`: those views know of it, all others have missed it. */
  happen(body: BodyBuilder, thread: number, kind: AccessKind, index: Expr, knowing: readonly View[], others: readonly Held[]): void {
    const event = this.#events.find((each) => each.thread === thread && isSame(each, kind));
    if (event === undefined) return;
    const mark = ({ missed }: View, value: Expr): void => {
      if (missed !== null) body.assign(missed.variable, binary(missed.at, "+", binary(index, "+", event.from)), value);
    };
    for (const { view, used } of others) mark(view, used);
    for (const view of knowing) mark(view, constant(0));
  }
  /** What a message tells that releases nothing. */
  forget(body: BodyBuilder, { positions, missed }: View): void {
    for (const cell of this.#cells) body.assign(positions.variable, binary(positions.at, "+", cell), 0);
    if (missed !== null) for (let bit = 0; bit < this.#bits; bit++) body.assign(missed.variable, binary(missed.at, "+", bit), 1);
  }

  /** The accesses of others that an access by whoever has this view is not ordered with. */
  unordered({ missed }: View, thread: number, kind: AccessKind, index: Expr): readonly UnorderedAccess[] {
    if (missed === null) return [];
    return this.#events
      .filter((event) => event.thread !== thread && conflict(event, kind))
      .map(({ thread: other, write, plain, from }) => ({
        thread: other,
        write,
        plain,
        when: load(missed.variable, binary(missed.at, "+", binary(index, "+", from))),
      }));
  }

  /** Positions of a cell after its oldest message has gone. */
  shift(body: BodyBuilder, view: View, cell: Expr): void {
    const position = this.at(view, cell);
    this.put(body, view, cell, select(binary(position, ">", 0), binary(position, "-", 1), constant(0)));
  }
}

const isSame = (a: AccessKind, b: AccessKind): boolean => a.variable === b.variable && a.write === b.write && a.plain === b.plain;
const conflict = (a: AccessKind, b: AccessKind): boolean => a.variable === b.variable && (a.write || b.write) && (a.plain || b.plain);

/** Accesses that an access of another thread could race with. */
function eventsOf({ threads }: MemorySetup): readonly Omit<Event, "from">[] {
  return threads.flatMap(({ accesses }, thread) => {
    const kinds = (accesses ?? []).filter((kind, i, all) => all.findIndex((each) => isSame(each, kind)) === i);
    const others = threads.flatMap((other, t) => (t === thread ? [] : (other.accesses ?? [])));
    return kinds.filter((kind) => others.some((other) => conflict(kind, other))).map((kind) => ({ ...kind, thread }));
  });
}
