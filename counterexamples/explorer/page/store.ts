/**
 * What the page shows now: a path, how far one has gone along it, and what there is to say about the state there. The
 * address bar holds path and position; undo and redo go through the paths that were looked at.
 */
import type { Moment, PageData, Scene, Value, ViewedStep } from "../view.ts";
import type { Source } from "./source.ts";

export interface Now {
  readonly scene: Scene;
  readonly path: string;
  readonly steps: readonly ViewedStep[];
  /** Steps taken; the state shown is the one after them. */
  readonly at: number;
  /** The steps from this position on repeat for ever; null: the path just ends. */
  readonly loop: number | null;
  readonly moment: Moment;
  /** The step that led here; null at the start. */
  readonly last: ViewedStep | null;
  readonly values: ReadonlyMap<string, Value>;
}

interface Place {
  readonly path: string;
  readonly at: number;
  readonly loop: number | null;
}

export class Store {
  readonly scene: Scene;
  readonly source: Source;
  readonly isTrace: boolean;
  readonly #listeners: ((now: Now) => void)[] = [];
  readonly #onError: (message: string) => void;
  #path = "";
  #steps: readonly ViewedStep[] = [];
  #at = 0;
  #loop: number | null = null;
  readonly #recordedLoop: number | null;
  /** Where the last request leads, which may still be under way: keys may be pressed faster than states come. */
  #target = 0;
  #undo: Place[] = [];
  #redo: Place[] = [];
  /** Of several requests under way only the last one counts. */
  #request = 0;

  constructor(data: PageData, source: Source, onError: (message: string) => void) {
    this.scene = data.scene;
    this.source = source;
    this.isTrace = data.kind === "trace";
    this.#recordedLoop = data.kind === "trace" ? data.recording.loop : null;
    this.#onError = onError;
  }

  onChange(listener: (now: Now) => void): void {
    this.#listeners.push(listener);
  }

  get path(): string {
    return this.#path;
  }
  get at(): number {
    return this.#at;
  }
  get length(): number {
    return this.#steps.length;
  }
  get canUndo(): boolean {
    return this.#undo.length > 0;
  }
  get canRedo(): boolean {
    return this.#redo.length > 0;
  }

  /** The moves up to where one stands. */
  get here(): string {
    return prefix(this.#path, this.#at);
  }

  /** Shows what the address bar says. */
  async open(): Promise<void> {
    const { path, at, loop } = readHash(location.hash);
    const end = Number.POSITIVE_INFINITY;
    await this.#show(this.isTrace ? { path: "", at: at ?? end, loop: this.#recordedLoop } : { path, at: at ?? end, loop }, "none");
  }

  /** Goes along the path. */
  async go(at: number): Promise<void> {
    this.#target = at;
    await this.#show({ ...this.#place, at }, "replace");
  }

  /** Goes so many steps forward, or back; forward from the end, if there is a loop, into its next round. */
  async step(by: number): Promise<void> {
    const repeats = by > 0 && this.#target >= this.length && this.canRepeat;
    await this.go(repeats ? (this.#loop ?? 0) + 1 : Math.max(0, Math.min(this.#target + by, this.length)));
  }

  /** Whether the path leads back into itself. */
  get canRepeat(): boolean {
    return this.#loop !== null && this.#loop < this.length;
  }

  /** Takes a move; what came after this point is left. */
  async pick(move: string): Promise<void> {
    const next = this.#path.split("-")[this.#at];
    // The same move as before only goes forward.
    if (this.#path !== "" && next === move) return this.go(this.#at + 1);
    const { here } = this;
    await this.load(here === "" ? move : `${here}-${move}`, this.#at + 1);
  }

  /** Shows another path. */
  async load(path: string, at: number, loop: number | null = null): Promise<void> {
    const from = this.#place;
    if (!(await this.#show({ path, at, loop }, "push"))) return;
    this.#undo.push(from);
    this.#redo = [];
    this.#tell();
  }

  async undo(): Promise<void> {
    await this.#back(this.#undo, this.#redo);
  }
  async redo(): Promise<void> {
    await this.#back(this.#redo, this.#undo);
  }

  async #back(from: Place[], to: Place[]): Promise<void> {
    const place = from.at(-1);
    const here = this.#place;
    if (place === undefined || !(await this.#show(place, "push"))) return;
    from.pop();
    to.push(here);
    this.#tell();
  }

  get #place(): Place {
    return { path: this.#path, at: this.#at, loop: this.#loop };
  }

  /** Whether it could be shown. */
  async #show({ path, at, loop }: Place, history: "none" | "push" | "replace"): Promise<boolean> {
    const request = ++this.#request;
    try {
      const steps = path === this.#path && (this.#steps.length > 0 || this.#latest !== null) ? this.#steps : (await this.source.walk(path)).steps;
      const position = Math.max(0, Math.min(at, steps.length));
      const moment = await this.source.moment(path, position);
      if (request !== this.#request) return false;
      this.#path = path;
      this.#steps = steps;
      this.#at = position;
      this.#loop = loop !== null && loop <= steps.length ? loop : null;
      this.#target = position;
      this.#latest = moment;
      const hash = writeHash({ path, at: position, loop: this.isTrace ? null : this.#loop }, steps.length);
      if (history !== "none" && hash !== location.hash) {
        if (history === "push") window.history.pushState(null, "", hash);
        else window.history.replaceState(null, "", hash);
      }
      this.#tell();
      return true;
    } catch (error) {
      const isLatest = request === this.#request;
      if (isLatest) this.#target = this.#at;
      // Something must be on the page, if only the start.
      if (this.#latest === null && path !== "") await this.#show({ path: "", at: 0, loop: null }, "none");
      if (isLatest) this.#onError(error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  #latest: Moment | null = null;

  #tell(): void {
    if (this.#latest === null) return;
    const now: Now = {
      scene: this.scene,
      path: this.#path,
      steps: this.#steps,
      at: this.#at,
      loop: this.#loop,
      moment: this.#latest,
      last: this.#steps[this.#at - 1] ?? null,
      values: this.#values(),
    };
    for (const listener of this.#listeners) listener(now);
  }

  #values(): ReadonlyMap<string, Value> {
    const values = new Map<string, Value>(this.scene.initial.map(({ name, value }) => [name, value]));
    for (const { changes } of this.#steps.slice(0, this.#at)) for (const { name, after } of changes) values.set(name, after);
    return values;
  }
}

function prefix(path: string, at: number): string {
  return path === "" ? "" : path.split("-").slice(0, at).join("-");
}

/** `#path=3-17.2&at=1&loop=0`; the position may be left out, and is then the end. */
function readHash(hash: string): { readonly path: string; readonly at: number | null; readonly loop: number | null } {
  const given = new URLSearchParams(hash.replace(/^#/u, ""));
  const count = (name: string): number | null => (/^\d{1,9}$/u.test(given.get(name) ?? "") ? Number(given.get(name)) : null);
  return { path: given.get("path") ?? "", at: count("at"), loop: count("loop") };
}

function writeHash({ path, at, loop }: Place, length: number): string {
  const parts = [...(path === "" ? [] : [`path=${path}`]), ...(at === length && path !== "" ? [] : [`at=${at}`]), ...(loop === null ? [] : [`loop=${loop}`])];
  return `#${parts.join("&")}`;
}
