/** Names of the source and what they stand for while it is compiled. */
import type { FunctionSource, ModuleSource } from "../loader/registry.ts";
import type { Guard, Value } from "./values.ts";
import type { DomainShape } from "../language/domain.ts";

/** Where a local lives: registers in the shape of its value. */
export type Slot =
  | { readonly kind: "scalar"; readonly register: number }
  | { readonly kind: "record"; readonly fields: ReadonlyMap<string, Slot>; readonly guard: Guard | null };

export type Binding =
  | { readonly kind: "constant"; readonly value: Value; readonly parameter: boolean }
  /** `slot` is null until the first assignment; `declared` is the range of a `local(…)`. `open`: names that a string local may hold. */
  | { readonly kind: "variable"; readonly name: string; slot: Slot | null; declared: DomainShape | null };

export class Scope {
  readonly parent: Scope | null;
  readonly module: ModuleSource;
  /** The registered function that everything here lies in. */
  readonly source: FunctionSource;
  /** The function whose body this scope is part of, as an identity. */
  readonly owner: object;
  readonly #names: Map<string, Binding> = new Map();

  constructor(parent: Scope | null, source: FunctionSource, owner: object) {
    this.parent = parent;
    this.source = source;
    this.module = source.module;
    this.owner = owner;
  }

  /** A block inside the same function. */
  block(): Scope {
    return new Scope(this, this.source, this.owner);
  }

  declare(name: string, binding: Binding): void {
    this.#names.set(name, binding);
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** The binding and the scope that holds it. */
  find(name: string): { readonly binding: Binding; readonly scope: Scope } | null {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      const binding = scope.#names.get(name);
      if (binding !== undefined) return { binding, scope };
    }
    return null;
  }
}
