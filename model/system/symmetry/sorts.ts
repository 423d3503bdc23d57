/**
 * Which numbers of a system stand for the replicas of a group. A number that does is of a *sort*: the value `v` means the
 * thread `v - d`, for one distance `d` everywhere the number flows to. Everything else is plain.
 *
 * Sorts are found by unification with distances: two places that values pass between have the same sort, shifted where a
 * constant is added on the way (Ip, Dill: "Better Verification through Symmetry", 1996, whose scalarsets allow what is
 * allowed here: comparing for equality, passing on, indexing).
 */
import type { Site } from "../../language/operation.ts";

/** A place in the system, for messages. */
export interface Where {
  readonly site: Site | null;
  /** What is computed there: "the local code after ipc.call". */
  readonly what: string;
}

/** A value of a place's sort, plus a constant. */
export interface Term {
  readonly place: number;
  readonly shift: number;
}

export interface Conflict {
  readonly where: Where;
  readonly message: string;
}

type Known = { readonly kind: "unknown" } | { readonly kind: "plain"; readonly where: Where | null } | { readonly kind: "thread"; readonly distance: number };

export class Sorts {
  readonly #parent: number[] = [];
  /** Value here = value at the parent + this. */
  readonly #offset: number[] = [];
  readonly #known: Known[] = [];
  /** Where numbers that tell replicas apart were used as if they were plain. */
  readonly conflicts: Conflict[] = [];
  /** Numbers that stand for nothing. */
  readonly plain: Term;

  constructor() {
    this.plain = this.place();
    this.#known[this.plain.place] = { kind: "plain", where: null };
  }

  place(): Term {
    this.#known.push({ kind: "unknown" });
    this.#offset.push(0);
    return { place: this.#parent.push(this.#parent.length) - 1, shift: 0 };
  }

  /** The root, and value = value at the root + shift. */
  #find({ place, shift }: Term): Term {
    let [at, sum] = [place, shift];
    for (let parent = this.#parent[at] ?? at; parent !== at; parent = this.#parent[at] ?? at) {
      sum += this.#offset[at] ?? 0;
      at = parent;
    }
    return { place: at, shift: sum };
  }

  /** The distance of what the term stands for; null if it is plain. */
  distance(term: Term): number | null {
    const { place, shift } = this.#find(term);
    const known = this.#known[place];
    return known?.kind === "thread" ? known.distance + shift : null;
  }

  /** Values of both terms are of one sort. */
  same(a: Term, b: Term, where: Where): void {
    const [one, other] = [this.#find(a), this.#find(b)];
    // What is plain may be shifted as it likes.
    if (one.place === other.place) {
      if (one.shift !== other.shift) this.makePlain(one, where, "a number that tells replicas apart is computed with");
      return;
    }
    const [left, right] = [this.#known[one.place], this.#known[other.place]];
    if (left === undefined || right === undefined) return;
    if (left.kind === "plain" || right.kind === "plain") {
      this.makePlain(left.kind === "plain" ? other : one, where, "a number that tells replicas apart is used as an ordinary number");
      return;
    }
    if (left.kind === "thread" && right.kind === "thread") {
      if (left.distance + one.shift !== right.distance + other.shift) {
        this.conflicts.push({ where, message: "one number tells replicas apart in two ways" });
        return;
      }
    }
    const [under, above] = left.kind === "thread" ? [other, one] : [one, other];
    this.#parent[under.place] = above.place;
    this.#offset[under.place] = above.shift - under.shift;
  }

  /** The values of the term are ordinary numbers. */
  makePlain(term: Term, where: Where, message: string): void {
    const { place } = this.#find(term);
    const known = this.#known[place];
    if (known === undefined || known.kind === "plain") return;
    if (known.kind === "thread") this.conflicts.push({ where, message });
    this.#known[place] = { kind: "plain", where };
  }

  /** The values of the term stand for threads at this distance. */
  makeThread(term: Term, distance: number, message: string): void {
    const { place, shift } = this.#find(term);
    const known = this.#known[place];
    if (known?.kind === "unknown") this.#known[place] = { kind: "thread", distance: distance - shift };
    else if (known?.kind === "plain" && known.where !== null) this.conflicts.push({ where: known.where, message });
  }
}
