/** Tables that a whole compilation fills: variables, registers, operations, failures. */
import { type DomainShape, elementOf, nobody } from "../language/domain.ts";
import type { OperationDeclaration, StateGroup } from "../language/kernel.ts";
import type { CellHandle } from "../language/memory.ts";
import type { Site } from "../language/operation.ts";
import type { Instance, ViolationKind } from "../language/protocol.ts";
import type { MemoryModel } from "../memory/model.ts";
import type { Expr, Failure, OperationInfo, ValueType, Variable } from "../system/system.ts";
import { joinPath, type Leaf, leafOf, leavesOf, type Sizes } from "./domains.ts";
import { binary, load, number } from "./expr.ts";
import type { Register } from "./graph.ts";

/** A variable of memory or kernel state and the leaf of the domain that its elements range over. */
export interface StateVariable {
  readonly variable: Variable;
  readonly leaf: Leaf;
}

export class Program {
  readonly instance: Instance;
  readonly sizes: Sizes;
  readonly variables: Variable[] = [];
  readonly registers: Register[] = [];
  readonly operations: OperationInfo[] = [];
  readonly failures: Failure[] = [];
  readonly #state: Map<string, StateVariable> = new Map();
  readonly #operations: Map<unknown, number> = new Map();
  readonly #failures: Map<string, number> = new Map();
  readonly #fields: Map<StateGroup, Map<number, Readonly<Record<string, DomainShape>>>> = new Map();
  readonly #alike: Map<StateGroup, Map<number, string>> = new Map();
  /** Names that string locals may hold, by the place of their declaration; grows while a thread is compiled. */
  readonly names: Map<string, string[]> = new Map();
  /** Changes whenever a list in `names` grows: what was compiled before may then be incomplete. */
  growth: number = 0;

  /** Groups of kernel state that have variables. */
  readonly #groups: Set<StateGroup> = new Set();
  readonly nobody: unknown = nobody;
  /** Under release/acquire, the flags of threads and objects whose kernel state a rule changes. */
  touched: MemoryModel["touched"] = null;
  /** For each thread, the variable of its location and the location that means: finished. */
  readonly pcs: { readonly variable: number; readonly finished: number }[] = [];

  constructor(instance: Instance) {
    this.instance = instance;
    this.sizes = { threads: instance.threads.length, cells: instance.memory.cells.length };
    this.#declareMemory();
    this.#declareKernelState();
  }

  register(name: string, type: ValueType, kind: "hidden" | "constant" | "variable" = "hidden"): Register {
    const register: Register = { id: this.registers.length, name, type, hidden: kind === "hidden", constant: kind !== "variable" };
    this.registers.push(register);
    return register;
  }

  variable(declaration: Omit<Variable, "id">): Variable {
    const variable = { id: this.variables.length, ...declaration };
    this.variables.push(variable);
    return variable;
  }

  /** The variable of a leaf: `memory.ring`, `ipc.partner`. */
  state(name: string): StateVariable {
    const found = this.#state.get(name);
    if (found === undefined) throw new Error(`no state variable ${name}`);
    return found;
  }

  hasGroup(group: StateGroup): boolean {
    return this.#groups.has(group);
  }

  /** The fields of a group, for objects those of the object of this number. */
  fieldsOf(group: StateGroup, self: number): Readonly<Record<string, DomainShape>> {
    const key = group.scope === "object" ? self : 0;
    const known = this.#fields.get(group) ?? new Map<number, Readonly<Record<string, DomainShape>>>();
    this.#fields.set(group, known);
    let fields = known.get(key);
    if (fields === undefined) {
      const { objects } = this.instance;
      fields = group.fields((group.scope === "object" ? (objects[self]?.type.options ?? {}) : {}) as never, objects, key);
      known.set(key, fields);
    }
    return fields;
  }

  /** Whether two objects declare the same ranges for a group, whatever they start with. */
  isAlike(group: StateGroup, a: number, b: number): boolean {
    const known = this.#alike.get(group) ?? new Map<number, string>();
    this.#alike.set(group, known);
    const rangesOf = (object: number): string => {
      const text = known.get(object) ?? JSON.stringify(this.fieldsOf(group, object), (key, value: unknown) => (key === "init" ? undefined : value));
      known.set(object, text);
      return text;
    };
    return rangesOf(a) === rangesOf(b);
  }

  /** Whether a thread has finished, as an expression. */
  finished(thread: number): Expr {
    const pc = this.pcs[thread];
    if (pc === undefined) throw new Error(`thread ${thread} has no locations yet`);
    return binary("==", load(pc.variable, null), number(pc.finished));
  }

  failure(kind: ViolationKind, message: string, site: Site | null): number {
    const key = `${kind}|${message}|${site?.file}:${site?.start}:${site?.end}`;
    let index = this.#failures.get(key);
    if (index === undefined) {
      index = this.failures.push({ kind, message, site }) - 1;
      this.#failures.set(key, index);
    }
    return index;
  }

  /** The number of an operation of the language, told apart by its results. */
  languageOperation(name: string, results: readonly { readonly name: string; readonly type: ValueType }[]): number {
    return this.#operation(`${name} ${JSON.stringify(results)}`, () => ({ name, results: results.map(({ name, type }) => ({ name, type })) }));
  }

  kernelOperation(declaration: OperationDeclaration): number {
    return this.#operation(declaration, () => ({
      name: declaration.name,
      results: Object.entries(declaration.result).flatMap(([name, domain]) =>
        leavesOf(domain, this.sizes, name).map(({ path, type }) => ({ name: path, type })),
      ),
    }));
  }

  #operation(key: unknown, make: () => OperationInfo): number {
    let index = this.#operations.get(key);
    if (index === undefined) {
      index = this.operations.push(make()) - 1;
      this.#operations.set(key, index);
    }
    return index;
  }

  /** The type of a string local: it takes up names as it meets them. */
  openEnum(place: string): ValueType & { readonly kind: "enum" } {
    let names = this.names.get(place);
    if (names === undefined) {
      names = [];
      this.names.set(place, names);
    }
    return { kind: "enum", values: names };
  }

  isOpen(type: ValueType): boolean {
    return type.kind === "enum" && [...this.names.values()].includes(type.values as string[]);
  }

  /** The position of a name in an enum type; a string local takes it up, another type gives -1. */
  position(type: ValueType & { readonly kind: "enum" }, name: string): number {
    const position = type.values.indexOf(name);
    if (position >= 0 || !this.isOpen(type)) return position;
    this.growth++;
    return (type.values as string[]).push(name) - 1;
  }

  #declareMemory(): void {
    const byName = new Map<string, CellHandle[]>();
    for (const cell of this.instance.memory.cells) byName.set(cell.variable, [...(byName.get(cell.variable) ?? []), cell]);
    for (const [name, cells] of byName) {
      const [first] = cells;
      if (first === undefined) continue;
      this.#declare(
        `memory.${name}`,
        first.domain,
        cells.map(({ domain }) => domain),
        { role: first.isGhost ? "ghost" : "memory", thread: null, scope: null, projected: true },
      );
    }
  }

  #declareKernelState(): void {
    const { kernel } = this.instance.protocol;
    for (const group of kernel.state) this.#groups.add(group);
    for (const { type } of this.instance.objects) for (const group of type.state) this.#groups.add(group);
    for (const group of this.#groups) {
      const kind = { role: "kernel" as const, thread: null, projected: group.projected };
      const fields = (self: number): readonly [string, DomainShape][] => Object.entries(this.fieldsOf(group, self));
      switch (group.scope) {
        case "thread":
        case "cpu": {
          const count = group.scope === "thread" ? this.sizes.threads : this.instance.cpus;
          for (const [name, domain] of fields(0))
            this.#declare(`${group.name}.${name}`, domain, new Array<DomainShape>(count).fill(domain), { ...kind, scope: group.scope });
          break;
        }
        case "global":
          for (const [name, domain] of fields(0)) this.#declare(`${group.name}.${name}`, domain, [domain], { ...kind, scope: null });
          break;
        case "object": {
          // A group that no object has is there for rules that will not look at it.
          const isUsed = this.instance.objects.some(({ type }) => type.state.includes(group));
          const declared = this.instance.objects.map(({ type }, self) =>
            type.state.includes(group) ? this.fieldsOf(group, self) : isUsed ? {} : this.fieldsOf(group, -1),
          );
          for (const name of new Set(declared.flatMap((each) => Object.keys(each)))) {
            const domain = hull(declared.flatMap((each) => each[name] ?? []));
            const owners = declared.map((each) => each[name] ?? domain);
            this.#declare(`${group.name}.${name}`, domain, owners, { ...kind, scope: "object" });
          }
        }
      }
    }
  }

  /** Declares the variables of a domain that covers those of `owners`, whose values at the start may differ. */
  #declare(
    name: string,
    domain: DomainShape,
    owners: readonly DomainShape[],
    kind: Pick<Variable, "role" | "thread" | "scope" | "projected">,
    queue: Variable["queue"] = null,
  ): void {
    const leaf = leafOf(domain, this.sizes);
    if (leaf !== null) {
      // Free slots of a queue hold the minimum.
      const initial = owners.map((owner) => (queue === null ? (initialOf(leaf, owner, this.sizes) ?? leaf.init) : leaf.min));
      const variable = this.variable({ name, ...kind, length: owners.length, type: leaf.type, min: leaf.min, max: leaf.max, initial, queue });
      this.#state.set(name, { variable, leaf });
      return;
    }
    switch (domain.kind) {
      case "ghost":
        this.#declare(
          name,
          domain.of,
          owners.map((owner) => (owner.kind === "ghost" ? owner.of : domain.of)),
          kind,
          queue,
        );
        return;
      case "record":
        for (const [field, of] of Object.entries(domain.fields)) {
          const parts = owners.map((owner) => (owner.kind === "record" ? (owner.fields[field] ?? of) : of));
          this.#declare(joinPath(name, field), of, parts, kind, queue);
        }
        return;
      case "array": {
        const elements = owners.flatMap((owner) =>
          Array.from({ length: domain.length }, (_, index) => (owner.kind === "array" ? elementOf(owner, index) : domain.of)),
        );
        this.#declare(name, domain.of, elements, kind, queue);
        return;
      }
      case "queue": {
        const capacity = this.capacity(domain);
        const int: Leaf = { path: "", type: { kind: "int" }, min: 0, max: capacity, init: 0, wraps: false };
        const fill = this.variable({
          name: `${name}.length`,
          ...kind,
          length: owners.length,
          type: int.type,
          min: 0,
          max: capacity,
          initial: owners.map(() => 0),
          queue: null,
        });
        this.#state.set(`${name}.length`, { variable: fill, leaf: int });
        this.#declare(name, domain.of, new Array<DomainShape>(owners.length * capacity).fill(domain.of), kind, { capacity, fill: fill.id });
        return;
      }
      default:
        throw new TypeError(`${name}: state cannot hold a ${domain.kind}`);
    }
  }

  capacity(domain: DomainShape & { readonly kind: "queue" }): number {
    return domain.capacity === "threads" ? this.sizes.threads : domain.capacity;
  }
}

/** The number that an owner's variable starts with, in the type of the leaf that covers it. */
function initialOf(leaf: Leaf, owner: DomainShape, sizes: Sizes): number | null {
  const own = leafOf(owner, sizes);
  if (own === null) return null;
  return leaf.type.kind === "enum" && own.type.kind === "enum" ? leaf.type.values.indexOf(own.type.values[own.init] ?? "") : own.init;
}

/** One domain that covers what each of several objects of a type declares. */
function hull(domains: readonly DomainShape[]): DomainShape {
  const [first, ...rest] = domains;
  if (first === undefined) throw new Error("no domains");
  return rest.reduce(cover, first);
}
function cover(a: DomainShape, b: DomainShape): DomainShape {
  if (a.kind === "int" && b.kind === "int") return { kind: "int", min: Math.min(a.min, b.min), max: Math.max(a.max, b.max), init: a.init, wraps: a.wraps };
  if (a.kind === "array" && b.kind === "array") return { kind: "array", length: Math.max(a.length, b.length), of: cover(a.of, b.of) };
  if (a.kind === "queue" && b.kind === "queue" && a.capacity !== "threads" && b.capacity !== "threads")
    return { kind: "queue", of: cover(a.of, b.of), capacity: Math.max(a.capacity, b.capacity) };
  if (a.kind === "record" && b.kind === "record")
    return { kind: "record", fields: Object.fromEntries(Object.entries(a.fields).map(([name, of]) => [name, cover(of, b.fields[name] ?? of)])) };
  if (a.kind === "enum" && b.kind === "enum") return { kind: "enum", values: [...new Set([...a.values, ...b.values])], init: a.init };
  return a;
}
