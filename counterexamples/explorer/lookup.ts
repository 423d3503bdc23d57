/** The names that an expression may use, and how each is read from a state: those that traces show, threads, objects. */
import type { Instance } from "../../model/language/protocol.ts";
import type { State, System } from "../../model/system/system.ts";
import { memoryValues, namedValues, shownVariables } from "../show.ts";
import type { Value } from "./view.ts";

/** What a name stands for. */
export type Kind =
  | { readonly kind: "number" | "truth" | "list" | "unknown" }
  /** With the words that it can be, if they are known. */
  | { readonly kind: "text"; readonly words: readonly string[] | null };

export interface Named {
  readonly type: Kind;
  /** Undefined where there is no such element. */
  read(state: State): Value | undefined;
}

export class Lookup {
  readonly instance: Instance;
  readonly system: System;
  readonly #named = new Map<string, Named>();

  constructor(instance: Instance, system: System) {
    this.instance = instance;
    this.system = system;
    const constant = (name: string): void => void this.#named.set(name, { type: { kind: "text", words: null }, read: () => name });
    for (const { ref } of instance.objects) constant(ref.name);
    for (const { name } of system.processes) constant(name);
    const blank = system.variables.map((variable) => [...variable.initial]);
    for (const variable of shownVariables(system)) {
      const { type } = variable;
      const kind: Kind =
        variable.queue !== null
          ? { kind: "list" }
          : type.kind === "boolean"
            ? { kind: "truth" }
            : type.kind === "enum"
              ? { kind: "text", words: type.values }
              : type.kind === "thread"
                ? { kind: "text", words: system.processes.map(({ name }) => name) }
                : { kind: "number" };
      namedValues(instance, system, variable, blank).forEach(({ name }, entry) => {
        this.#named.set(name, { type: kind, read: (state) => namedValues(instance, system, variable, state)[entry]?.value });
      });
    }
    // Store buffers and messages have names with blanks: buffer[0], messages.head.
    memoryValues(system, blank).forEach(({ name }, entry) => {
      const word = name.replace(/^buffer of CPU (\d+)$/u, "buffer[$1]").replace(/^messages of /u, "messages.");
      this.#named.set(word, { type: { kind: "list" }, read: (state) => memoryValues(system, state)[entry]?.value });
    });
  }

  /** Null if there is nothing of this name. */
  find(name: string): Named | null {
    return this.#named.get(name) ?? null;
  }

  /** All names, for messages and for help. */
  names(): readonly string[] {
    return [...this.#named.keys()];
  }

  /** The number of a thread by its name; -1: none. */
  thread(name: string): number {
    return this.system.processes.find((process) => process.name === name)?.index ?? -1;
  }
}
