/** Faults put into an executable path, whatever kernel it is of: a conformance test that does not see them is worth nothing. */
import {
  commit,
  type KernelHost,
  type KernelRoutine,
  type MachinePath,
  type PathFactory,
  type Resumption,
  type SystemCall,
} from "../../dist/kernel/common/path.js";

/** How often a fault has come to bear. */
export interface Struck {
  times: number;
}

export interface Mutation {
  readonly name: string;
  /** The path with the fault in it. */
  apply(factory: PathFactory, struck: Struck): PathFactory;
}

/** The host with something of it replaced. */
export function replaced(host: KernelHost, changes: Partial<KernelHost>): KernelHost {
  return new Proxy(host, {
    get: (target, name) => {
      const value: unknown = Reflect.get(name in changes ? changes : target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Runs the calls of a path through `change`. */
export function calls(path: MachinePath, change: (routine: KernelRoutine, call: SystemCall) => KernelRoutine): MachinePath {
  return {
    ...path,
    calls: Object.fromEntries(Object.entries(path.calls).map(([name, handler]) => [name, (call: SystemCall) => change(handler(call), call)])),
  };
}

/** A queue of at least two, turned round. */
function turned(value: unknown): unknown {
  return Array.isArray(value) && value.length > 1 ? [...value].reverse() : value;
}

export const mutations: readonly Mutation[] = [
  {
    name: "a wake-up is lost",
    apply: (factory, struck) => (host) =>
      factory(
        replaced(host, {
          wake: () => {
            struck.times++;
          },
        }),
      ),
  },
  {
    name: "a queue is served from its other end",
    apply: (factory, struck) => (host) => {
      const path = factory(host);
      return {
        ...path,
        project: () =>
          Object.fromEntries(
            Object.entries(path.project()).map(([name, values]) => {
              const other = values.map(turned);
              if (other.some((value, index) => value !== values[index])) struck.times++;
              return [name, other];
            }),
          ),
      };
    },
  },
  {
    name: "a thread sleeps although it need not",
    apply: (factory, struck) => (host) =>
      calls(factory(host), function* asleep(routine): KernelRoutine {
        let why: Resumption = "run";
        for (;;) {
          const point = routine.next(why);
          if (point.done === true) {
            struck.times++;
            yield { kind: "block", timer: false };
            return point.value;
          }
          why = yield point.value;
        }
      }),
  },
  {
    name: "a system call commits another rule",
    apply: (factory, struck) => (host) =>
      calls(factory(host), function* renamed(routine, { operation }): KernelRoutine {
        const rules = Object.keys(operation.rules);
        let why: Resumption = "run";
        for (;;) {
          const point = routine.next(why);
          if (point.done === true) return point.value;
          const { value } = point;
          const other = value.kind === "commit" ? rules.find((rule) => rule !== value.rule) : undefined;
          if (other !== undefined) struck.times++;
          why = yield other === undefined ? value : commit(other);
        }
      }),
  },
  {
    name: "a system call works on the arguments of the one before",
    apply: (factory, struck) => (host) => {
      const path = factory(host);
      let last: SystemCall | null = null;
      return {
        ...path,
        calls: Object.fromEntries(
          Object.entries(path.calls).map(([name, handler]) => [
            name,
            (call: SystemCall) => {
              const stale = last !== null && last.operation === call.operation ? { ...call, args: last.args } : call;
              if (Object.entries(call.args).some(([argument, value]) => stale.args[argument] !== value)) struck.times++;
              last = call;
              return handler(stale);
            },
          ]),
        ),
      };
    },
  },
];
