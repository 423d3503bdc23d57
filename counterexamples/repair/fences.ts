/**
 * `repair --fences`: the weakest fences and memory orders with which a protocol holds on its memory model. It begins with
 * none (fences taken out, orders relaxed as far as the model can tell them apart) and lets counterexamples say where one
 * is needed: only an operation that a counterexample performs, or a fence that it passes, can rule it out.
 */
import { search } from "../../checker/engine/index.ts";
import type { Finding, SearchOptions } from "../../checker/result.ts";
import { compile } from "../../model/compiler/index.ts";
import type { MemoryModelName } from "../../model/language/memory-model.ts";
import type { Order } from "../../model/language/memory.ts";
import { type Instance, instantiate } from "../../model/language/protocol.ts";
import { type LoadedSpec, loadSpec } from "../../model/loader/load.ts";
import { shownPath } from "../../model/loader/registry.ts";
import { fire, initialState } from "../../model/system/interpret.ts";
import type { Location, State, System } from "../../model/system/system.ts";
import { standsAt } from "../show.ts";
import { applyEdits, type Edit, type Edited, unifiedDiff } from "./edits.ts";
import { type AtomicAction, fenceEdit, orderEdit, type Place, type Places, placesOf, withoutOrder } from "./fence-places.ts";
import { minimalSets } from "./minimal-sets.ts";

/** Reads a file of the specification. */
export type ReadText = (file: string) => string;

export interface FenceRepairJob {
  readonly spec: LoadedSpec;
  readonly exportName: string;
  /** The protocol as it is, with its parameters and on its memory. */
  readonly instance: Instance;
  readonly read: ReadText;
  readonly search: SearchOptions;
  /** After so many sets the search stops. */
  readonly most: number;
  readonly onCheck?: (checks: number) => void;
}

/** A fence or an order. */
interface Change {
  readonly place: Place;
  readonly order: Order;
}
/** The same, where the author's text has it. */
export interface FoundChange {
  readonly what: AtomicAction | "fence";
  readonly order: Order;
  readonly file: string;
  readonly line: number;
}
export interface FenceSet {
  readonly changes: readonly FoundChange[];
  /** Unified diff of the specification; empty if it is this already. */
  readonly diff: string;
}
export type FenceRepair =
  /** Every minimal set, or the lightest ones if not complete. */
  | { readonly kind: "found"; readonly sets: readonly FenceSet[]; readonly checks: number; readonly complete: boolean }
  /** Not even with all fences and the strongest orders: the mistake is another one. */
  | { readonly kind: "none"; readonly finding: Finding; readonly checks: number }
  /** A bound was met before a verdict. */
  | { readonly kind: "inconclusive"; readonly bound: string; readonly checks: number };

class Inconclusive extends Error {}

interface Trial {
  readonly finding: Finding | null;
  readonly system: System;
  readonly edited: ReadonlyMap<string, Edited>;
}

/** The orders that a model tells apart, weakest first, beyond none at all. */
function orders(model: MemoryModelName, place: Place): readonly Order[] {
  const kind: AtomicAction | "fence" = place.kind === "fence" ? "fence" : place.action;
  switch (model) {
    case "sc":
      return [];
    case "tso":
      return kind === "fence" || kind === "store" ? ["seq_cst"] : [];
    case "pso":
      return kind === "fence" ? ["release", "seq_cst"] : kind === "store" ? ["release", "seq_cst"] : [];
    case "ra":
      if (kind === "load") return ["acquire", "seq_cst"];
      if (kind === "store") return ["release", "seq_cst"];
      return ["acquire", "release", "acq_rel", "seq_cst"];
  }
}

const strength: Readonly<Record<Order, readonly Order[]>> = {
  relaxed: [],
  acquire: ["acquire"],
  release: ["release"],
  acq_rel: ["acquire", "release", "acq_rel"],
  seq_cst: ["acquire", "release", "acq_rel", "seq_cst"],
};
/** A fence costs more than an order, a stronger one more than a weaker one. */
function weight({ place, order }: Change): number {
  const base = { relaxed: 0, acquire: 2, release: 2, acq_rel: 3, seq_cst: 4 }[order];
  return place.kind === "fence" ? base + 3 : base;
}

/** Searches. Throws what loading and compiling a specification throw. */
export async function repairFences(job: FenceRepairJob): Promise<FenceRepair> {
  const repair = new FenceSearch(job);
  try {
    return await repair.run();
  } catch (error) {
    if (error instanceof Inconclusive) return { kind: "inconclusive", bound: error.message, checks: repair.checks };
    throw error;
  }
}

interface SourceFile {
  readonly file: string;
  readonly original: string;
  /** Without fences, orders as weak as the model can tell. */
  readonly bare: Edited;
  readonly found: Places;
  /** By offset in the original: operations whose order is not written, with what has been put before it. */
  readonly defaults: ReadonlyMap<number, string>;
}

/** The operations that a place is about. */
function yieldsOf(place: Place): readonly number[] {
  return place.kind === "fence" ? place.before : [place.offset];
}

/** Whether nothing is in the store buffer of a CPU; under release/acquire there is no buffer, and the answer is always no. */
function isEmpty({ memory }: System, state: State, cpu: number): boolean {
  if (memory === null || memory.model === "ra") return false;
  return memory.buffers.filter((buffer) => buffer.cpu === cpu).every(({ fill }) => state[fill]?.[0] === 0);
}

function found(files: readonly SourceFile[], { place, order }: Change): FoundChange {
  const source = files.find(({ file }) => file === place.file);
  const before = source?.original.slice(0, source.bare.original(place.offset)) ?? "";
  return { what: place.kind === "fence" ? "fence" : place.action, order, file: shownPath(place.file), line: before.split("\n").length };
}

class FenceSearch {
  readonly #job: FenceRepairJob;
  checks = 0;

  constructor(job: FenceRepairJob) {
    this.#job = job;
  }

  async run(): Promise<FenceRepair> {
    const { spec, instance, most, onCheck } = this.#job;
    const { model } = instance.memoryModel;
    const isOwn = this.#sites();
    const files = spec.closure.map((file) => this.#bare(file, model, isOwn));
    const changes = files.flatMap(({ file, bare, found }) =>
      found.places
        .filter((place) => yieldsOf(place).some((offset) => isOwn(file, bare.original(offset))))
        .flatMap((place) => orders(model, place).map((order): Change => ({ place, order }))),
    );
    const strongest = changes.filter(({ place, order }) => !changes.some((other) => other.place === place && weight(other) > weight({ place, order })));
    const best = await this.#check(files, strongest);
    if (best.finding !== null) return { kind: "none", finding: best.finding, checks: this.checks };
    const { sets, complete } = await minimalSets<Change>({
      choices: changes.map((value) => ({ value, weight: weight(value) })),
      covers: (a, b) => a.place === b.place && strength[a.order].includes(b.order),
      excludes: (a, b) => a.place === b.place,
      goesOn: (found) => found < most,
      check: async (set) => {
        const trial = await this.#check(files, set);
        onCheck?.(this.checks);
        if (trial.finding === null) return { kind: "holds" };
        return { kind: "fails", needs: await this.#needs(files, changes, set, { ...trial, finding: trial.finding }) };
      },
    });
    return {
      kind: "found",
      checks: this.checks,
      complete,
      sets: sets.map((set) => ({
        changes: set.map((change) => found(files, change)),
        diff: files.map((source) => unifiedDiff(shownPath(source.file), source.original, this.#edited(source, set).text)).join(""),
      })),
    };
  }

  /**
   * Of which changes at least one is needed, given that `set` fails. A counterexample alone leaves many; the failing set
   * is made larger, place by place, as long as it fails, and what then could still help is few (Liffiton and Sakallah
   * 2008: a maximal failing set names a minimal correction).
   */
  async #needs(
    files: readonly SourceFile[],
    changes: readonly Change[],
    set: readonly Change[],
    failed: Trial & { readonly finding: Finding },
  ): Promise<readonly Change[]> {
    let failing = set;
    const missing = ({ finding, system, edited }: Trial & { readonly finding: Finding }): readonly Change[] => {
      const touched = this.#touched(files, edited, system, finding);
      return changes.filter(
        (change) => touched(change.place) && !failing.some((each) => each.place === change.place && strength[each.order].includes(change.order)),
      );
    };
    let needs = missing(failed);
    const tried = new Set<Place>();
    for (;;) {
      const places = [...new Set(needs.map(({ place }) => place))];
      const place = places.find((each) => !tried.has(each));
      if (place === undefined || places.length <= 2) return needs;
      tried.add(place);
      const strongest = changes.filter((each) => each.place === place).reduce((a, b) => (weight(b) > weight(a) ? b : a));
      const larger = [...failing.filter((each) => each.place !== place), strongest];
      const trial = await this.#check(files, larger);
      if (trial.finding === null) continue;
      failing = larger;
      needs = missing({ ...trial, finding: trial.finding });
    }
  }

  /** Where the operations of this protocol stand in its modules; those of others beside it are left alone. */
  #sites(): (file: string, offset: number) => boolean {
    const locations = compile(this.#job.instance).processes.flatMap((process) => process.locations);
    const known = new Set(locations.flatMap(({ site, callers }) => [site, ...callers]).map(({ file, start }) => `${file} ${start}`));
    return (file, offset) => known.has(`${shownPath(file)} ${offset}`);
  }

  #bare(file: string, model: MemoryModelName, isOwn: (file: string, offset: number) => boolean): SourceFile {
    const original = this.#job.read(file);
    const given = placesOf(file, original);
    const weakest = given.places.flatMap((place) =>
      place.kind === "order" && isOwn(file, place.offset) && orders(model, place).some((order) => order === (place.given ?? "seq_cst"))
        ? [orderEdit(place, "relaxed")]
        : [],
    );
    const bare = applyEdits(original, [...given.fences.filter(({ offset }) => isOwn(file, offset)).map(({ edit }) => edit), ...weakest]);
    const defaults = given.places.flatMap((place): readonly (readonly [number, string])[] =>
      place.kind === "order" && place.argument.remove === 0 ? [[place.offset, place.comma]] : [],
    );
    return { file, original, bare, found: placesOf(file, bare.text), defaults: new Map(defaults) };
  }

  #edited({ bare, found, defaults }: SourceFile, set: readonly Change[]): Edited {
    const own = set.filter(({ place }) => found.places.includes(place));
    const edits = own.map(({ place, order }): Edit => {
      if (place.kind === "fence") return fenceEdit(place, order, found.fence.name);
      // What the author left to the default stays so where the default is needed.
      const given = defaults.get(bare.original(place.offset));
      return given !== undefined && order === "seq_cst" ? withoutOrder(place, given) : orderEdit(place, order);
    });
    const imported = own.some(({ place }) => place.kind === "fence") ? found.fence.edit : null;
    return applyEdits(bare.text, imported === null ? edits : [imported, ...edits]);
  }

  async #compiled(files: readonly SourceFile[], set: readonly Change[]): Promise<{ readonly system: System; readonly edited: ReadonlyMap<string, Edited> }> {
    const { spec, exportName, instance } = this.#job;
    const edited = new Map(files.map((source) => [source.file, this.#edited(source, set)]));
    const trial = await loadSpec(spec.file, { overlay: new Map([...edited].map(([file, { text }]) => [file, text])) });
    const declared = trial.protocols.find((each) => each.exportName === exportName);
    if (declared === undefined) throw new Error(`the edited specification has no export ${exportName}`);
    return { system: compile(instantiate(declared.protocol, instance.parameters, instance.memoryModel)), edited };
  }

  async #check(files: readonly SourceFile[], set: readonly Change[]): Promise<Trial> {
    const { system, edited } = await this.#compiled(files, set);
    this.checks++;
    const result = await search(system, this.#job.search);
    if (result.verdict === "inconclusive") throw new Inconclusive(result.bound ?? "a bound");
    return { finding: result.findings[0] ?? null, system, edited };
  }

  /**
   * The places that could rule the counterexample out: operations that it performs and fences that it passes. With store
   * buffers, only where something has been in the buffer of the thread's CPU ever since its operation before, because a
   * fence waits for no more than an empty buffer.
   */
  #touched(files: readonly SourceFile[], edited: ReadonlyMap<string, Edited>, system: System, finding: Finding): (place: Place) => boolean {
    const start = initialState(system);
    let state = start.kind === "state" ? start.state : null;
    const performed: Location[] = [];
    const before = new Map<number, Location>();
    const settled = new Set<number>();
    const look = (current: State): void => {
      for (const { index, cpu } of system.processes) if (isEmpty(system, current, cpu)) settled.add(index);
    };
    const perform = (thread: number, location: Location): void => {
      if (!settled.has(thread)) performed.push(location, ...[before.get(thread)].filter((each) => each !== undefined));
      before.set(thread, location);
      settled.delete(thread);
    };
    if (state !== null) look(state);
    for (const move of finding.path) {
      if (state === null) break;
      const thread = system.transitions[move.transition]?.thread ?? null;
      const process = thread === null ? undefined : system.processes[thread];
      const location = process === undefined ? null : standsAt(process, state);
      if (thread !== null && location !== null) perform(thread, location);
      const outcome = fire(system, state, move);
      state = outcome.kind === "state" ? outcome.state : null;
      if (state !== null) look(state);
    }
    // What somebody stands at in the end, it has come to.
    for (const process of state === null ? [] : system.processes) {
      const location = standsAt(process, state as State);
      if (location !== null) perform(process.index, location);
    }
    return this.#atPlaces(files, edited, performed);
  }

  #atPlaces(files: readonly SourceFile[], edited: ReadonlyMap<string, Edited>, locations: readonly Location[]): (place: Place) => boolean {
    const offsets = new Set<string>();
    for (const { site, callers } of locations) {
      for (const each of [site, ...callers]) {
        const source = files.find(({ file }) => shownPath(file) === each.file);
        if (source !== undefined) offsets.add(`${source.file} ${edited.get(source.file)?.original(each.start) ?? -1}`);
      }
    }
    return (place) => yieldsOf(place).some((offset) => offsets.has(`${place.file} ${offset}`));
  }
}
