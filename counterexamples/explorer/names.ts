/** What a name in a trace belongs to, read off the name: `ring[2]`, `ipc.senders[client[0]]`, `port.queue.id[names]`. */
import type { Change } from "../trace.ts";

export interface Place {
  readonly role: Change["role"];
  /** The name without its indices: `port.queue.id`. */
  readonly base: string;
  /** The thread, CPU or object that it belongs to; null: nobody. */
  readonly owner: string | null;
  /** The last index if it is a number; null if there is none. */
  readonly index: number | null;
}

/** The indices of a name, outermost brackets only. */
function indices(name: string): { readonly base: string; readonly keys: readonly string[] } {
  const keys: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < name.length; at++) {
    const char = name.charAt(at);
    if (char === "[" && depth++ === 0) from = at + 1;
    if (char === "]" && --depth === 0) keys.push(name.slice(from, at));
  }
  const open = name.indexOf("[");
  return { base: open < 0 ? name : name.slice(0, open), keys };
}

/** Finds it; `threads` are all names of threads. */
export function placeOf(name: string, threads: readonly string[]): Place {
  const local = threads.find((thread) => name.startsWith(`${thread}.`));
  if (local !== undefined) return { role: "local", base: name.slice(local.length + 1), owner: local, index: null };
  if (/^(buffer of CPU|messages of) /u.test(name)) return { role: "memory", base: name, owner: null, index: null };
  const { base, keys } = indices(name);
  const numbered = /^\d+$/u.test(keys.at(-1) ?? "") ? Number(keys.at(-1)) : null;
  const [owner] = keys;
  if (owner !== undefined && !/^\d+$/u.test(owner)) {
    const isKernel = threads.includes(owner) || /^CPU \d+$/u.test(owner);
    return { role: isKernel ? "kernel" : "object", base, owner, index: numbered };
  }
  return { role: base.includes(".") ? "kernel" : "memory", base, owner: null, index: numbered };
}
