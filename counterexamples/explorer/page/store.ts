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
  readonly moment: Moment;
  /** The step that led here; null at the start. */
  readonly last: ViewedStep | null;
  readonly values: ReadonlyMap<string, Value>;
}

interface Place {
  readonly path: string;
  readonly at: number;
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
    const { path, at } = readHash(location.hash);
    await this.#show({ path: this.isTrace ? "" : path, at: at ?? Number.POSITIVE_INFINITY }, "none");
  }

  /** Goes along the path. */
  async go(at: number): Promise<void> {
    this.#target = at;
    await this.#show({ path: this.#path, at }, "replace");
  }

  /** Goes so many steps forward, or back. */
  async step(by: number): Promise<void> {
    await this.go(Math.max(0, Math.min(this.#target + by, this.length)));
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
  async load(path: string, at: number): Promise<void> {
    const from = { path: this.#path, at: this.#at };
    if (!(await this.#show({ path, at }, "push"))) return;
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
    const place = from.pop();
    if (place === undefined) return;
    to.push({ path: this.#path, at: this.#at });
    await this.#show(place, "push");
  }

  /** Whether it could be shown. */
  async #show({ path, at }: Place, history: "none" | "push" | "replace"): Promise<boolean> {
    const request = ++this.#request;
    try {
      const steps = path === this.#path && (this.#steps.length > 0 || this.#latest !== null) ? this.#steps : (await this.source.walk(path)).steps;
      const position = Math.max(0, Math.min(at, steps.length));
      const moment = await this.source.moment(path, position);
      if (request !== this.#request) return false;
      this.#path = path;
      this.#steps = steps;
      this.#at = position;
      this.#target = position;
      this.#latest = moment;
      const hash = writeHash({ path, at: position }, steps.length);
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
      if (this.#latest === null && path !== "") await this.#show({ path: "", at: 0 }, "none");
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

/** `#path=3-17.2&at=1`; the position may be left out, and is then the end. */
function readHash(hash: string): { readonly path: string; readonly at: number | null } {
  const given = new URLSearchParams(hash.replace(/^#/u, ""));
  const at = given.get("at");
  return { path: given.get("path") ?? "", at: at !== null && /^\d{1,9}$/u.test(at) ? Number(at) : null };
}

function writeHash({ path, at }: Place, length: number): string {
  const parts = [...(path === "" ? [] : [`path=${path}`]), ...(at === length && path !== "" ? [] : [`at=${at}`])];
  return `#${parts.join("&")}`;
}
