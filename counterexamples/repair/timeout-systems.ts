/**
 * The systems that assignments of timeouts are judged by: the protocol as it is declared, and with correct partners. Few are compiled
 * from edited texts; all others are taken together from these.
 */
import { compile } from "../../model/compiler/index.ts";
import { type Instance, instantiate, type Protocol } from "../../model/language/protocol.ts";
import type { TimedWay } from "../../model/language/timed.ts";
import type { Finding } from "../../checker/result.ts";
import { SpecError } from "../../model/loader/diagnostic.ts";
import { type LoadedSpec, loadSpec } from "../../model/loader/load.ts";
import { shownPath } from "../../model/loader/registry.ts";
import type { Location, System } from "../../model/system/system.ts";
import { applyEdits, type Edited } from "./edits.ts";
import type { ReadText } from "./fences.ts";
import { correctPartners, requestsOf, withRequests } from "./timeout-goal.ts";
import { type OpaquePlace, type TimedPlace, timedPlacesOf, wayEdits, wayOf } from "./timeout-places.ts";
import { type Other, sameShape, splice } from "./timeout-splice.ts";

/** Untrusted threads as they are declared, or when they do what they are meant to do. */
export type Partners = "declared" | "correct";
/** How places are to be written, those that change. */
export type Ways = ReadonlyMap<TimedPlace, TimedWay>;
export interface Judged {
  readonly instance: Instance;
  readonly system: System;
  /** Without what the goal adds. */
  readonly plain: System;
  readonly edited: ReadonlyMap<string, Edited>;
  readonly partners: Partners;
}

function aimless({ threads }: Protocol): string {
  return Object.values(threads).some(({ untrusted }) => untrusted === true || untrusted === "arbitrary")
    ? "with correct partners no thread waits for an answer, so that there is no goal to reach; give each untrusted thread a program `correct` that makes its calls"
    : "no thread waits for the answer of a partner that it names, so that there is no goal to reach; make its waits calls, or receive from that partner alone";
}

/** There is nothing to repair, or no goal that could be missed: a mistake of the caller. */
export class NothingToRepair extends Error {}

interface SourceFile {
  readonly file: string;
  readonly original: string;
}
/** A specification with some timeouts changed, and what it is compiled to as it is declared. */
interface Changed {
  readonly protocol: Protocol;
  readonly instance: Instance;
  readonly system: System;
  readonly edited: ReadonlyMap<string, Edited>;
}
interface Source {
  readonly spec: LoadedSpec;
  readonly exportName: string;
  readonly read: ReadText;
}

export class TimedSystems {
  readonly files: readonly SourceFile[];
  readonly places: readonly TimedPlace[];
  readonly opaque: readonly OpaquePlace[];
  readonly #source: Source;
  readonly #instance: Instance;
  readonly #bases = new Map<Partners, Judged>();
  /** By the numbers of all ways; what the compiler says where they are no specification. */
  readonly #texts = new Map<string, Changed | SpecError>();
  /** By the number of their ways: systems that operations are taken from. */
  readonly #variants = new Map<string, System | null>();

  constructor(source: Source, instance: Instance) {
    this.#source = source;
    this.#instance = instance;
    const { kernel } = instance.protocol;
    this.files = source.spec.closure.map((file) => ({ file, original: source.read(file) }));
    const declared = compile(instance);
    const found = this.files.map(({ file, original }) => timedPlacesOf(file, original, kernel.timed, declared));
    this.places = found.flatMap(({ places }) => places);
    this.opaque = found.flatMap(({ opaque }) => opaque);
    if (!kernel.timed.some(({ ways }) => ways.length > 1))
      throw new NothingToRepair(`operations of the kernel ${kernel.name} have no timeouts that could be chosen`);
    if (this.places.length === 0) throw new NothingToRepair("no trusted thread performs an operation whose timeouts could be chosen");
  }

  /** What is wrong with these ways of writing, if they are no specification. */
  async refusal(ways: Ways): Promise<SpecError | null> {
    const changed = await this.#changed(ways);
    return changed instanceof SpecError ? changed : null;
  }

  /** The specification with these ways of writing, with both kinds of partners. */
  async #changed(ways: Ways): Promise<Changed | SpecError> {
    const key = this.#keyOf(ways);
    const known = this.#texts.get(key);
    if (known !== undefined) return known;
    const changed = await this.#load(ways);
    this.#texts.set(key, changed);
    return changed;
  }

  async #load(ways: Ways): Promise<Changed | SpecError> {
    const { spec, exportName } = this.#source;
    const instance = this.#instance;
    const edited = this.edited(ways);
    try {
      const trial = ways.size === 0 ? spec : await loadSpec(spec.file, { overlay: new Map([...edited].map(([file, { text }]) => [file, text])) });
      const declared = trial.protocols.find((each) => each.exportName === exportName);
      if (declared === undefined) throw new Error(`the edited specification has no export ${exportName}`);
      const changed = instantiate(declared.protocol, instance.parameters, instance.memoryModel);
      return { protocol: declared.protocol, instance: changed, system: compile(changed), edited };
    } catch (error) {
      if (error instanceof SpecError && ways.size > 0) return error;
      throw error;
    }
  }

  edited(ways: Ways): ReadonlyMap<string, Edited> {
    return new Map(
      this.files.map(({ file, original }) => [
        file,
        applyEdits(
          original,
          [...ways].flatMap(([place, way]) => (place.file === file ? wayEdits(place, way) : [])),
        ),
      ]),
    );
  }

  /** A system to judge these ways of writing by, taken together from few that are compiled; null: they are no specification. */
  async judged(ways: Ways, partners: Partners): Promise<Judged | null> {
    const base = await this.base(partners);
    const others: Other[] = [];
    for (const process of base.system.processes) {
      for (const location of process.locations) {
        const place = this.placeOf(base, location);
        const way = place === null ? undefined : ways.get(place);
        if (place === null || way === undefined || way === wayOf(place, {})) continue;
        const system = await this.variant(place, way, partners);
        // What is no specification by itself may be one together with others.
        if (system === null || !sameShape(base.plain, system)) return this.compiled(ways, partners);
        others.push({ thread: process.index, location: location.index, systems: [system] });
      }
    }
    return { ...base, system: splice(base.system, others) };
  }

  /** The author's own. */
  async base(partners: Partners): Promise<Judged> {
    const known = this.#bases.get(partners) ?? (await this.compiled(new Map(), partners));
    if (known === null) throw new Error("the specification has been compiled before");
    this.#bases.set(partners, known);
    return known;
  }

  /** A system in which a place has this way of writing. All places get their way of the same number, so that few systems do for all. */
  async variant(place: TimedPlace, way: TimedWay, partners: Partners): Promise<System | null> {
    const number = place.call.ways.indexOf(way);
    const together = new Map(this.places.flatMap((each) => (each.call.ways[number] === undefined ? [] : [[each, each.call.ways[number]] as const])));
    const alone = `${partners} ${number} ${this.places.indexOf(place)}`;
    return (await this.#cached(`${partners} ${number}`, together, partners)) ?? this.#cached(alone, new Map([[place, way]]), partners);
  }

  async #cached(key: string, ways: Ways, partners: Partners): Promise<System | null> {
    const known = this.#variants.get(key);
    if (known !== undefined) return known;
    const system = (await this.compiled(ways, partners))?.plain ?? null;
    this.#variants.set(key, system);
    return system;
  }

  async compiled(ways: Ways, partners: Partners): Promise<Judged | null> {
    const changed = await this.#changed(ways);
    if (changed instanceof SpecError) return null;
    const { protocol, edited } = changed;
    if (partners === "declared") return { instance: changed.instance, system: changed.system, plain: changed.system, edited, partners };
    const { parameters, memoryModel } = this.#instance;
    const instance = instantiate(correctPartners(protocol), parameters, memoryModel);
    const plain = this.#compiledOr(ways, instance);
    if (plain === null) return null;
    const requests = requestsOf(instance, plain);
    if (requests.length === 0) throw new NothingToRepair(aimless(protocol));
    return { instance, system: withRequests(instance, plain, requests), plain, edited, partners };
  }

  /** Null: with correct partners these ways of writing are no specification, and so none at all. */
  #compiledOr(ways: Ways, instance: Instance): System | null {
    try {
      return compile(instance);
    } catch (error) {
      if (!(error instanceof SpecError) || ways.size === 0) throw error;
      this.#texts.set(this.#keyOf(ways), error);
      return null;
    }
  }

  #keyOf(ways: Ways): string {
    return this.places.map((place) => place.call.ways.indexOf(ways.get(place) ?? (wayOf(place, {}) as TimedWay))).join();
  }

  originalOffset(edited: ReadonlyMap<string, Edited>, { site }: Pick<Location, "site">): number {
    for (const [file, text] of edited) if (shownPath(file) === site.file) return text.original(site.start);
    return -1;
  }

  /** The place that a location is of: where it stands, or where the helper is called that performs it. */
  placeOf({ edited }: Pick<Judged, "edited">, { site, callers }: Location): TimedPlace | null {
    for (const each of [site, ...callers]) {
      const offset = this.originalOffset(edited, { site: each });
      const found = this.places.find((place) => shownPath(place.file) === each.file && place.offset === offset);
      if (found !== undefined) return found;
    }
    return null;
  }

  lineOf(file: string, offset: number): number {
    const source = this.files.find((each) => each.file === file);
    return (source?.original.slice(0, offset) ?? "").split("\n").length;
  }

  lineOfLocation(edited: ReadonlyMap<string, Edited>, location: Location): number {
    const source = this.files.find(({ file }) => shownPath(file) === location.site.file);
    return source === undefined ? location.site.line : this.lineOf(source.file, this.originalOffset(edited, location));
  }

  lineOfSite({ edited }: Judged, { site }: Finding): number | null {
    const source = site === null ? undefined : this.files.find(({ file }) => shownPath(file) === site.file);
    return site === null || source === undefined ? null : this.lineOf(source.file, edited.get(source.file)?.original(site.start) ?? site.start);
  }
}
