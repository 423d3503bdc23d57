/**
 * Runs the rules of a kernel as they stand, as JavaScript, on a kernel state of plain objects.
 *
 * `complete` only notes the completion: threads go on after the rule has ended, the acting one first.
 */
import { type DomainShape, type ThreadHandle, type ThreadId, ThreadHandle as Handle } from "../../model/language/domain.ts";
import type { BackgroundRule, ObjectRef, Operation, OperationDeclaration, RuleContext, StateContext, StateGroup, Wait } from "../../model/language/kernel.ts";
import type { CellHandle } from "../../model/language/memory.ts";
import { CheckFailed, OutOfRange } from "../../model/language/operation.ts";
import type { Instance } from "../../model/language/protocol.ts";
import { fit, initialValue, type Sizes, textOf } from "./value.ts";

type Fields = Record<string, unknown>;
/** For each state group, in order, the fields of each of its instances (threads, CPUs, objects, or the one). */
export type KernelState = Fields[][];

/** The state that a rule works on. */
export interface World {
  readonly memory: unknown[];
  /** Addresses that have been written, where somebody asks. */
  readonly written?: Set<number>;
  readonly kernel: KernelState;
  isFinished(thread: number): boolean;
}
/** What a rule does to threads. */
export interface Effects {
  /** `operation` is null where it is the acting thread's own. */
  complete(thread: number, result: Fields, operation: OperationDeclaration | null): void;
  terminate(thread: number): void;
  /** The rule uses the state of a thread or object. */
  use(scope: "thread" | "object", index: number): void;
}
function forbidden(what: string): never {
  throw new TypeError(`a guard or a wait cannot ${what}`);
}

/** The kernel of one protocol: its groups, operations and rules. */
export class KernelRules {
  readonly #instance: Instance;
  readonly #groups: readonly StateGroup[];
  readonly #domains: readonly (readonly Readonly<Record<string, DomainShape>>[])[];
  readonly #place: ReadonlyMap<StateGroup, number>;
  readonly #handles: readonly ThreadHandle[];
  readonly #sizes: Sizes;

  constructor(instance: Instance) {
    const { protocol, objects, threads, cpus } = instance;
    this.#instance = instance;
    this.#handles = threads.map(({ handle }) => handle);
    this.#sizes = { threads: threads.length };
    this.#groups = [...new Set([...protocol.kernel.state, ...objects.flatMap(({ type }) => type.state)])];
    this.#place = new Map(this.#groups.map((group, index) => [group, index]));
    this.#domains = this.#groups.map((group) => {
      switch (group.scope) {
        case "thread":
          return threads.map(() => group.fields({} as never, objects, 0));
        case "cpu":
          return Array.from({ length: cpus }, () => group.fields({} as never, objects, 0));
        case "object":
          return objects.map(({ type }, self) => (type.state.includes(group) ? group.fields(type.options as never, objects, self) : {}));
        case "global":
          return [group.fields({} as never, objects, 0)];
      }
    });
  }

  initial(): KernelState {
    return this.#domains.map((members) =>
      members.map((fields) => Object.fromEntries(Object.entries(fields).map(([name, domain]) => [name, initialValue(domain)]))),
    );
  }

  get background(): readonly { readonly name: string; readonly rule: BackgroundRule; readonly cpu: number }[] {
    return Object.entries(this.#instance.protocol.kernel.background).flatMap(([name, rule]) =>
      Array.from({ length: rule.each === "cpu" ? this.#instance.cpus : 1 }, (_, cpu) => ({ name, rule, cpu })),
    );
  }

  /** Takes a thread that has ended out of every queue of threads. */
  forget(kernel: KernelState, thread: number): void {
    for (const [place, group] of this.#domains.entries()) {
      for (const [owner, fields] of group.entries()) {
        const state = kernel[place]?.[owner];
        for (const [name, domain] of Object.entries(fields)) {
          if (state !== undefined && domain.kind === "queue" && domain.of.kind === "thread")
            state[name] = (state[name] as readonly ThreadHandle[]).filter(({ id }) => id !== thread);
        }
      }
    }
  }

  /** The priority that a thread runs at: what it has inherited, or its own. */
  priorityOf(kernel: KernelState, thread: number): number {
    const { inherited } = this.#instance.protocol.kernel;
    const place = inherited === null ? undefined : this.#place.get(inherited.state);
    const raised = inherited === null || place === undefined ? -1 : Number(kernel[place]?.[thread]?.[inherited.field] ?? -1);
    return raised < 0 ? (this.#instance.threads[thread]?.priority ?? 0) : raised;
  }

  /** What guards and waits see. */
  looking(world: World, self: number, args: Fields): StateContext {
    return this.acting(world, self, args, null);
  }

  /** What `do` sees, and without `effects` what a guard sees. `self` is -1 in a background rule. */
  acting(world: World, self: number, args: Fields, effects: Effects | null, cpu = -1): RuleContext & { readonly cpu: number } {
    const idOf = (thread: ThreadId): number => this.#idOf(thread);
    const member = (group: StateGroup, index: number): Fields => {
      const place = this.#place.get(group);
      const fields = place === undefined ? undefined : world.kernel[place]?.[index];
      const domains = place === undefined ? undefined : this.#domains[place]?.[index];
      const has = group.scope !== "object" || this.#instance.objects[index]?.type.state.includes(group) === true;
      if (fields === undefined || domains === undefined || !has) throw new OutOfRange(`${group.name}: there is no ${group.scope} ${index}`);
      if (group.scope === "thread" || group.scope === "object") effects?.use(group.scope, index);
      return new Proxy(fields, {
        get: (_, name) => this.#field(fields, String(name), domains[String(name)], `${group.name}.${String(name)}`),
        set: (_, name, value) => {
          if (effects === null) forbidden("write kernel state");
          fields[String(name)] = fit(domains[String(name)] as DomainShape, value, `${group.name}.${String(name)}`, this.#sizes);
          return true;
        },
      });
    };
    const of = (group: StateGroup, which?: ThreadId | number | ObjectRef): Fields => {
      if (group.scope === "global" || which === undefined) return member(group, 0);
      if (typeof which === "number") return member(group, which);
      return member(group, which instanceof Handle ? which.id : (which as ObjectRef).index);
    };
    const context = {
      self: self < 0 ? (this.#nobody as unknown as ThreadId) : (this.#handles[self] as unknown as ThreadId),
      args,
      cpu,
      threads: this.#handles as unknown as readonly ThreadId[],
      objects: (group: StateGroup) => this.#instance.objects.filter(({ type }) => type.state.includes(group)).map(({ ref }) => ref),
      optionsOf: ({ index }: ObjectRef) => this.#instance.objects[index]?.type.options,
      of,
      cpuOf: (thread: ThreadId) => this.#thread(thread).cpu,
      sameCpu: (a: ThreadId, b: ThreadId) => this.#thread(a).cpu === this.#thread(b).cpu,
      priorityOf: (thread: ThreadId) => this.#thread(thread).priority,
      isFinished: (thread: ThreadId) => world.isFinished(idOf(thread)),
      read: (cell: unknown) => world.memory[(cell as CellHandle).address],
      addressOf: (cell: unknown) => (cell as CellHandle).address,
      write: (cell: unknown, value: unknown) => {
        const { address, domain, variable } = cell as CellHandle;
        world.written?.add(address);
        world.memory[address] = fit(domain, value, variable, this.#sizes);
      },
      complete: (thread: ThreadId, result: Fields) => effects?.complete(idOf(thread), result, null),
      completeOf: (operation: Operation<never, never>, thread: ThreadId, result: Fields) =>
        effects?.complete(idOf(thread), result, operation.declaration as unknown as OperationDeclaration),
      terminate: (thread: ThreadId) => effects?.terminate(idOf(thread)),
      panic: (message: string) => {
        throw new CheckFailed(message);
      },
    };
    return context as unknown as RuleContext & { readonly cpu: number };
  }

  /** What keeps a thread from running wherever it stands, and what is seen of it; null if nothing does. */
  halt(world: World, thread: number): { readonly wait: Wait; readonly context: StateContext } | null {
    const context = this.looking(world, thread, {});
    const wait = Object.values(this.#instance.protocol.kernel.halts).find(({ when }) => when(context));
    return wait === undefined ? null : { wait, context };
  }

  /** The wait that a blocked thread is in: the first whose `when` holds. */
  waitOf(operation: OperationDeclaration, context: StateContext): Wait | null {
    return Object.values(operation.waits).find((wait) => wait.when?.(context) ?? true) ?? null;
  }

  /** A result with every declared field. */
  result(operation: OperationDeclaration, given: Fields): Fields {
    return Object.fromEntries(
      Object.entries(operation.result).map(([name, domain]) => [
        name,
        name in given ? fit(domain, given[name], `${operation.name}: ${name}`, this.#sizes) : initialValue(domain),
      ]),
    );
  }

  readonly #nobody: ThreadHandle = initialValue({ kind: "thread" }) as ThreadHandle;

  #idOf(thread: ThreadId): number {
    const { id } = thread as unknown as ThreadHandle;
    if (id < 0) throw new OutOfRange("nobody is not a thread");
    return id;
  }
  #thread(thread: ThreadId): Instance["threads"][number] {
    return this.#instance.threads[this.#idOf(thread)] as Instance["threads"][number];
  }

  /** A field as rules see it: scalars and records by value, queues and arrays as things to work on. */
  #field(fields: Fields, name: string, domain: DomainShape | undefined, shown: string): unknown {
    if (domain === undefined) throw new TypeError(`${shown} is not declared`);
    if (domain.kind !== "array" && domain.kind !== "queue") return fields[name];
    const items = (): readonly unknown[] => fields[name] as readonly unknown[];
    const inside = (index: number, length: number): number => {
      if (!Number.isInteger(index) || index < 0 || index >= length) throw new OutOfRange(`index ${index} is outside ${shown}, which has ${length} elements`);
      return index;
    };
    const change = (changed: readonly unknown[]): void => {
      fields[name] = fit(domain, changed, shown, this.#sizes);
    };
    const position = (value: unknown): number => items().findIndex((item) => textOf(item) === textOf(value));
    return {
      get length(): number {
        return items().length;
      },
      at: (index: number): unknown => items()[inside(index, items().length)],
      [Symbol.iterator]: (): Iterator<unknown> => items()[Symbol.iterator](),
      set: (index: number, value: unknown): void => change(items().with(inside(index, items().length), value)),
      push: (value: unknown): void => change([...items(), value]),
      shift: (): unknown => {
        const head = items()[inside(0, items().length)];
        change(items().slice(1));
        return head;
      },
      insert: (index: number, value: unknown): void => change(items().toSpliced(inside(index, items().length + 1), 0, value)),
      includes: (value: unknown): boolean => position(value) >= 0,
      indexOf: position,
      remove: (value: unknown): void => {
        if (position(value) >= 0) change(items().toSpliced(position(value), 1));
      },
    };
  }
}
