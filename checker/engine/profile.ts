/**
 * Where a state space comes from: how many values each variable takes, how many states would be left without it, and
 * which threads multiply each other. Of the first states found, since every variable keeps a set of its own.
 *
 * A state's hash is the sum of one random number for each element and value (Zobrist, "A New Hashing Method with
 * Application for Game Playing", 1970), so the hash of the state without a variable is a subtraction. 53 bits: with
 * 50,000 states the chance of one wrong count is about one in ten million.
 */
import { keptElements } from "../../model/system/compact.ts";
import type { System } from "../../model/system/system.ts";
import type { Profile } from "../result.ts";
import { type Field, fieldsOf, readField } from "./fields.ts";
import type { Layout } from "./layout.ts";

const mostStates = 50_000;
/** Sums are taken modulo this. */
const modulus = 2 ** 52;

/** A number for a value of an element: two rounds of a 32-bit mixer (Wellons' lowbias32) give 52 bits. */
function numberOf(element: number, value: number): number {
  const high = mix(Math.imul(element + 1, 0x9e3779b1) ^ mix(value));
  const low = mix(high ^ Math.imul(value, 0x85ebca6b) ^ element);
  return (high >>> 12) * 2 ** 32 + (low >>> 0);
}

function mix(value: number): number {
  let x = value >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** A part of the state with the different hashes that it has been seen with. */
interface Part {
  readonly fields: readonly Field[];
  /** First number of its elements. */
  readonly first: number;
  readonly values: Set<number>;
}

export class Profiler {
  readonly #variables: readonly (Part & { readonly variable: number; readonly bits: number; readonly without: Set<number> })[];
  /** What belongs to a thread: its location, its locals, and its share of what the kernel keeps for every thread. */
  readonly #threads: readonly Part[];
  readonly #pairs: readonly { readonly threads: readonly [number, number]; readonly values: Set<number> }[];
  #states = 0;

  /** `system`: as it was before elements that never change were left out. */
  constructor(system: System, layout: Layout) {
    const kept = keptElements(system);
    let first = 0;
    const fills = new Set(system.variables.map(({ queue }) => queue?.fill));
    this.#variables = system.variables.flatMap(({ id, queue }) => {
      // A queue is one thing with the number of its entries.
      if (fills.has(id)) return [];
      const fields = queue === null ? fieldsOf(layout, id) : [...fieldsOf(layout, id), ...fieldsOf(layout, queue.fill)];
      const bits = fields.reduce((sum, each) => sum + each.bits, 0);
      const part = { variable: id, bits, fields, first, values: new Set<number>(), without: new Set<number>() };
      first += fields.length;
      return bits === 0 ? [] : [part];
    });
    const threads = system.processes.length;
    this.#threads = system.processes.map(({ index }): Part => {
      const fields = system.variables.flatMap((variable) => {
        const own = fieldsOf(layout, variable.id);
        if (variable.thread === index) return own;
        const share = variable.role === "kernel" && variable.scope === "thread" ? variable.length / threads : 0;
        const { from, to } = kept[variable.id] ?? { from: 0, to: 0 };
        return Number.isInteger(share) ? own.slice(Math.max(0, index * share - from), Math.max(0, Math.min((index + 1) * share, to) - from)) : [];
      });
      return { fields, first: 0, values: new Set() };
    });
    this.#pairs = system.processes.flatMap(({ index }) =>
      system.processes.filter((other) => other.index > index).map((other) => ({ threads: [index, other.index] as const, values: new Set<number>() })),
    );
  }

  meet(halves: Uint32Array): void {
    if (this.#states === mostStates) return;
    this.#states++;
    const sums = this.#variables.map((part) => hashOf(halves, part));
    const whole = sums.reduce((sum, each) => (sum + each) % modulus, 0);
    for (const [i, part] of this.#variables.entries()) {
      const own = sums[i] ?? 0;
      part.values.add(own);
      part.without.add((whole - own + modulus) % modulus);
    }
    const locals = this.#threads.map((part) => hashOf(halves, part));
    for (const [i, { values }] of this.#threads.entries()) values.add(locals[i] ?? 0);
    for (const { threads, values } of this.#pairs) values.add(((locals[threads[0]] ?? 0) + 3 * (locals[threads[1]] ?? 0)) % modulus);
  }

  profile(): Profile {
    return {
      states: this.#states,
      variables: this.#variables.map(({ variable, bits, values, without }) => ({ variable, bits, values: values.size, without: without.size })),
      pairs: this.#pairs.map(({ threads, values }) => ({
        threads,
        states: [this.#threads[threads[0]]?.values.size ?? 0, this.#threads[threads[1]]?.values.size ?? 0],
        together: values.size,
      })),
    };
  }
}

function hashOf(halves: Uint32Array, { fields, first }: Part): number {
  let sum = 0;
  for (const [i, field] of fields.entries()) sum = (sum + numberOf(first + i, readField(halves, field))) % modulus;
  return sum;
}
