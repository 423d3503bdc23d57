/** Where the page gets what it shows: from the server beside it, or from the trace inside of it. */
import { recordedMoments } from "../recording.ts";
import type { Checked, Counterexample, Found, Moment, Overview, PageData, Walked } from "../view.ts";

/** A question that was refused; `at` is a place in the expression. */
export class Refused extends Error {
  readonly at: number | null;
  constructor(message: string, at: number | null) {
    super(message);
    this.at = at;
  }
}

export interface Source {
  walk(path: string): Promise<Walked>;
  /** The state after the first `at` moves of a path. */
  moment(path: string, at: number): Promise<Moment>;
  /** Null where there is no server to ask. */
  readonly server: Server | null;
}

export interface Server {
  search(path: string, expression: string, signal: AbortSignal): Promise<Found>;
  check(signal: AbortSignal): Promise<Checked>;
  trace(trace: string, name: string): Promise<Counterexample>;
  overview(signal: AbortSignal): Promise<Overview>;
  places(path: string): Promise<readonly (string | null)[]>;
  node(node: string): Promise<{ readonly path: string }>;
}

export function sourceOf(data: PageData): Source {
  if (data.kind === "live") return live();
  const { steps } = data.recording;
  const moment = recordedMoments(data.scene.threads, data.recording);
  return {
    server: null,
    walk: async () => ({ path: "", steps }),
    moment: async (_, at) => moment(at),
  };
}

function live(): Source {
  async function ask<T>(question: string, body: unknown, signal?: AbortSignal): Promise<T> {
    let response: Response;
    try {
      response = await fetch(`api/${question}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      if (signal?.aborted === true) throw new Refused("stopped", null);
      throw new Refused(`ipc-check does not answer; is it still running? (${error instanceof Error ? error.message : String(error)})`, null);
    }
    const answer = (await response.json()) as unknown;
    if (response.ok) return answer as T;
    const { error, at = null } = answer as { readonly error: string; readonly at?: number };
    throw new Refused(error, at);
  }
  /** Moments that have been seen already, by the path to them. */
  const known = new Map<string, Promise<Moment>>();
  const mostKnown = 500;
  return {
    walk: (path) => ask("walk", { path }),
    moment(path, at) {
      const prefix = path === "" ? "" : path.split("-").slice(0, at).join("-");
      const found = known.get(prefix);
      if (found !== undefined) return found;
      const [oldest] = known.keys();
      if (known.size >= mostKnown && oldest !== undefined) known.delete(oldest);
      const asked = ask<Moment>("moment", { path: prefix });
      known.set(prefix, asked);
      asked.catch(() => known.delete(prefix));
      return asked;
    },
    server: {
      search: (path, expression, signal) => ask("search", { path, expression }, signal),
      check: (signal) => ask("check", {}, signal),
      trace: (trace, name) => ask("trace", { trace, name }),
      overview: (signal) => ask("overview", {}, signal),
      places: (path) => ask("places", { path }),
      node: (node) => ask("node", { node }),
    },
  };
}
