/** What the page can ask beyond walking: a search for a state, a check of all properties, the picture of the states, a trace from a file. */
import { search } from "../../checker/engine/index.ts";
import { StateTooLarge } from "../../checker/result.ts";
import { TooLarge } from "../export/state-picture.ts";
import { parseTrace, TraceError } from "../read.ts";
import type { Trace } from "../trace.ts";
import { compileExpression } from "./expression.ts";
import { Lookup } from "./lookup.ts";
import { OverviewMap } from "./overview.ts";
import { parsePath, pathText } from "./path.ts";
import { seek } from "./search.ts";
import { PathError, type Session } from "./session.ts";
import type { Checked, Counterexample, Found, Overview } from "./view.ts";

/** A request that cannot be answered; the message says why. */
export class Refusal extends Error {}

/** Bounds of what one request may cost. */
const seekBounds = { states: 200_000, milliseconds: 20_000 } as const;
const checkBounds = { maxStates: 5_000_000, timeout: 60, maxMemory: 1 << 30 } as const;

export interface Origin {
  readonly hash: string;
  readonly export: string;
}

export class Answers {
  readonly session: Session;
  readonly #origin: Origin;
  readonly #life = new AbortController();
  #lookup: Lookup | null = null;
  #map: Promise<OverviewMap> | null = null;
  #checking: Promise<Checked> | null = null;

  constructor(session: Session, origin: Origin) {
    this.session = session;
    this.#origin = origin;
  }

  /** Ends whatever is under way. */
  close(): void {
    this.#life.abort(new Refusal("the explorer has ended"));
  }

  /** A shortest path from where `path` ends to a state that satisfies the expression. */
  async search(path: string, expression: string, signal: AbortSignal): Promise<Found> {
    const { instance, system } = this.session;
    this.#lookup ??= new Lookup(instance, system);
    const wanted = compileExpression(expression, this.#lookup);
    const start = await this.session.stateAfter(path);
    if (start === null) throw new Refusal("the last step is a violation and leads to no state; go back a step to search on from there");
    const sought = await seek(system, start, wanted, { ...seekBounds, signal: AbortSignal.any([signal, this.#life.signal]) });
    const onward = sought.path === null ? null : pathText([...(parsePath(path) ?? []), ...sought.path]);
    return { ...sought, path: onward };
  }

  /** Looks for violations with the engine. */
  async check(signal: AbortSignal): Promise<Checked> {
    // Two pages may ask at once, and what was found once stays found.
    const checking = (this.#checking ??= this.#check(signal));
    try {
      const checked = await checking;
      if (checked.verdict === "inconclusive" && this.#checking === checking) this.#checking = null;
      return checked;
    } catch (error) {
      this.#checking = null;
      if (error instanceof StateTooLarge) throw new Refusal(error.message);
      throw error;
    }
  }

  async #check(signal: AbortSignal): Promise<Checked> {
    const { verdict, findings, stats } = await search(this.session.system, {
      ...checkBounds,
      workers: 1,
      signal: AbortSignal.any([signal, this.#life.signal]),
    });
    return {
      verdict,
      states: stats.states,
      findings: findings.map(({ kind, property, message, path, loop = null }) => ({ kind, property, message, path: pathText(path), loop })),
    };
  }

  /** The path of a trace that belongs to this protocol. Throws {@link Refusal} or {@link PathError}. */
  async trace(json: string, name: string): Promise<Counterexample> {
    let trace: Trace;
    try {
      trace = parseTrace(json, name.slice(0, 200));
    } catch (error) {
      if (error instanceof TraceError) throw new Refusal(error.message);
      throw error;
    }
    return { path: await this.pathOf(trace), loop: trace.loop ?? null };
  }

  /** The same for a trace that has been read. */
  async pathOf(trace: Trace): Promise<string> {
    const { hash, export: exported } = this.#origin;
    const { parameters, memoryModel } = this.session.instance;
    if (trace.spec.hash !== hash || trace.spec.export !== exported)
      throw new Refusal(
        `the trace belongs to ${trace.spec.path} (${trace.spec.export})${trace.spec.export === exported ? ", which has changed since" : ", and this is another protocol"}`,
      );
    const other = Object.entries(trace.parameters).find(([parameter, value]) => parameters[parameter] !== value);
    if (other !== undefined)
      throw new Refusal(
        `the trace has ${other[0]} = ${other[1]}, and here it is ${parameters[other[0]] ?? "not declared"}; open the trace itself: ipc-check explore TRACE`,
      );
    if (trace.memoryModel.model !== memoryModel.model)
      throw new Refusal(
        `the trace is of memory model ${trace.memoryModel.model}, and here it is ${memoryModel.model}; open the trace itself: ipc-check explore TRACE`,
      );
    try {
      return await this.fitting(pathText(trace.decisions));
    } catch (error) {
      if (error instanceof PathError) throw new Refusal(`the trace does not fit the protocol: ${error.message}`);
      throw error;
    }
  }

  /** A path, if it can be taken. Throws {@link PathError}. */
  async fitting(path: string): Promise<string> {
    await this.session.stateAfter(path);
    return path;
  }

  async overview(): Promise<Overview> {
    return (await this.#overviewMap()).overview;
  }

  async places(path: string): Promise<readonly (string | null)[]> {
    return (await this.#overviewMap()).places(this.session, path);
  }

  async node(key: string): Promise<{ readonly path: string }> {
    const path = (await this.#overviewMap()).pathTo(key);
    if (path === null) throw new Refusal("there is no such node in the picture");
    return { path };
  }

  async #overviewMap(): Promise<OverviewMap> {
    this.#map ??= OverviewMap.make(this.session, this.#life.signal);
    try {
      return await this.#map;
    } catch (error) {
      if (error instanceof TooLarge) throw new Refusal(error.message);
      throw error;
    }
  }
}
