/** Short ways of writing transition systems by hand. */
import type { Block, Code, Expr, Location, Process, Statement, System, Terminator, Transition, Variable } from "../../dist/model/system/system.js";

export const c = (value: number): Expr => ({ op: "const", value });
export const temp = (index: number): Expr => ({ op: "temp", temp: index });
export const load = (variable: number, index: Expr | null = null): Expr => ({ op: "load", variable, index });
export const bin = (operator: Extract<Expr, { op: "binary" }>["operator"], left: Expr, right: Expr): Expr => ({ op: "binary", operator, left, right });
export const eq = (left: Expr, right: Expr): Expr => bin("==", left, right);
export const assign = (variable: number, value: Expr, index: Expr | null = null): Statement => ({ op: "assign", variable, index, value });
export const complete = (thread: Expr, operation: number, ...results: Expr[]): Statement => ({ op: "complete", thread, operation, results });
export const set = (index: number, value: Expr): Statement => ({ op: "let", temp: index, value });

export const block = (statements: readonly Statement[], end: Terminator): Block => ({ statements, end });
export const code = (temps: number, ...blocks: Block[]): Code => ({ temps, blocks });
export const when = (condition: Expr): Code =>
  code(1, block([], { op: "branch", condition, then: 1, else: 2 }), block([], { op: "allow" }), block([], { op: "deny" }));
export const always: Code = code(1, block([], { op: "allow" }));
export const straight = (...statements: Statement[]): Code => code(1, block(statements, { op: "end" }));
export const goTo = (location: number, ...statements: Statement[]): Code => code(4, block(statements, { op: "yield", location }));
export const finish: Code = code(1, block([], { op: "finish" }));

const site = { file: "hand.ts", start: 0, end: 0, line: 1, column: 1 };

/** Collects variables, processes and transitions; numbers follow the order of the calls. */
export class SystemBuilder {
  readonly variables: Variable[] = [];
  readonly processes: Process[] = [];
  readonly transitions: Transition[] = [];
  scheduling: System["scheduling"] = "free";
  current: number | null = null;
  cpus = 1;
  operations: System["operations"] = [{ name: "step", results: [] }];
  failures: System["failures"] = [];
  invariants: System["invariants"] = [];

  variable(name: string, min: number, max: number, more: Partial<Variable> = {}): number {
    const id = this.variables.length;
    const length = more.length ?? 1;
    this.variables.push({
      id,
      name,
      role: "memory",
      thread: null,
      scope: null,
      type: { kind: "int" },
      min,
      max,
      initial: Array.from({ length }, () => (min <= 0 && 0 <= max ? 0 : min)),
      queue: null,
      projected: true,
      ...more,
      length,
    });
    return id;
  }
  transition(given: Partial<Transition> & Pick<Transition, "body">): number {
    const id = this.transitions.length;
    this.transitions.push({ rule: `rule ${id}`, kind: "step", thread: null, location: null, picks: 1, guard: always, ...given, id });
    return id;
  }
  process(given: Partial<Process> & Pick<Process, "pc" | "locations">): number {
    const index = this.processes.length;
    this.processes.push({ index, name: `t${index}`, group: "t", cpu: 0, priority: 0, stoppable: false, locals: [], stopped: null, entry: goTo(0), ...given });
    return index;
  }
  location(index: number, continuation: Code, transitions: readonly number[], more: Partial<Location> = {}): Location {
    return {
      index,
      site,
      callers: [],
      operation: 0,
      label: `at ${index}`,
      shown: [],
      args: [],
      transitions,
      continuation,
      results: 0,
      waits: [],
      access: null,
      spins: false,
      ...more,
    };
  }
  build(): System {
    const { variables, processes, transitions, scheduling, current, cpus, operations, failures, invariants } = this;
    return {
      name: "hand-built",
      kernel: { name: "none", options: {} },
      parameters: {},
      scheduling,
      current,
      cpus,
      memory: null,
      variables,
      operations,
      processes,
      transitions,
      failures,
      invariants,
    };
  }
}
