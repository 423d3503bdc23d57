/**
 * What `repair --timeouts` asks of runs: with partners that are correct, whoever waits for an answer is answered in the
 * end. For each thread and each partner there is a variable that says whether an answer is owed; it changes with every
 * answer, so that a formula over states can tell answers from none.
 */
import type { OperationDeclaration } from "../../model/language/kernel.ts";
import type { Instance, Protocol } from "../../model/language/protocol.ts";
import { always, eventually, type Formula, not } from "../../model/ltl/formula.ts";
import type { Atom, Block, Code, Expr, Failure, LivenessFormula, Location, Process, Statement, System, Variable } from "../../model/system/system.ts";
import { argumentOf, timedAt } from "./timeout-places.ts";

/** The protocol with partners that do what they are meant to do, and never stop. */
export function correctPartners(protocol: Protocol): Protocol {
  const threads = Object.entries(protocol.threads).map(([name, declared]) => {
    if (declared.untrusted !== true && declared.untrusted !== "arbitrary") return [name, declared] as const;
    const { correct, untrusted, run, ...rest } = declared;
    const program = correct ?? run;
    // A client without a program does nothing: its process is cut off where it begins.
    return [name, program === undefined ? declared : { ...rest, run: program, untrusted: false }] as const;
  });
  const fairness = protocol.fairness.default === "none" ? { ...protocol.fairness, default: "weak" as const } : protocol.fairness;
  return { ...protocol, threads: Object.fromEntries(threads) as Protocol["threads"], fairness, liveness: {}, progress: { goals: {} } };
}

/** Operations of one thread that wait for an answer of one partner. */
export interface Request {
  readonly thread: number;
  readonly label: string;
  readonly locations: readonly number[];
}

/** All of them. Who rests while it waits wants no answer. */
export function requestsOf(instance: Instance, system: System): readonly Request[] {
  const { timed } = instance.protocol.kernel;
  return system.processes.flatMap((process): readonly Request[] => {
    const found = new Map<string, Request>();
    for (const location of process.stoppable ? [] : process.locations) {
      const answers = timedAt(timed, system, location)?.answers ?? null;
      if (answers === null || argumentOf(location, "idle") === "1") continue;
      const owner = location.label.slice(0, location.label.lastIndexOf("."));
      const key = `${owner} ${JSON.stringify(location.args.find(({ name }) => name === answers)?.value ?? null)}`;
      const known = found.get(key);
      found.set(key, { thread: process.index, label: known?.label ?? location.label, locations: [...(known?.locations ?? []), location.index] });
    }
    return [...found.values()];
  });
}

/** Whether an operation has timeouts, or waits for an answer. */
export function timedOperation({ protocol }: Instance, system: System, location: Location): boolean {
  return timedAt(protocol.kernel.timed, system, location) !== null;
}

/** Where the results of an operation say that it has succeeded; null: it cannot fail. */
export function successOf(instance: Instance, system: System, location: Location): Expr | null {
  const info = system.operations[location.operation];
  const declared = declarations(instance).find(({ name }) => name === info?.name);
  const result = (name: string): { readonly temp: number; readonly values: readonly string[] } | null => {
    const temp = info?.results.findIndex((each) => each.name === name) ?? -1;
    const type = info?.results[temp]?.type;
    return type?.kind === "enum" ? { temp, values: type.values } : null;
  };
  const by = result(declared?.guarded?.by ?? "error");
  if (by !== null) return compare("==", by.temp, by.values.indexOf(declared?.guarded?.ok ?? "none"));
  const outcome = result("outcome");
  return outcome === null || !outcome.values.includes("timeout") ? null : compare("!=", outcome.temp, outcome.values.indexOf("timeout"));
}

function declarations({ protocol, objects }: Instance): readonly OperationDeclaration[] {
  return [protocol.kernel, ...objects.map(({ type }) => type)].flatMap(({ operations }) =>
    operations.map(({ declaration }) => declaration as unknown as OperationDeclaration),
  );
}

const number = (value: number): Expr => ({ op: "const", value });
const load = (variable: number): Expr => ({ op: "load", variable, index: null });
function compare(operator: "==" | "!=", temp: number, value: number): Expr {
  return { op: "binary", operator, left: { op: "temp", temp }, right: number(value) };
}
const select = (condition: Expr, then: Expr, otherwise: Expr): Expr => ({ op: "select", condition, then, else: otherwise });
const equals = (variable: number, value: number): Expr => ({ op: "binary", operator: "==", left: load(variable), right: number(value) });

/** Values of the variable of a request. It alternates between the last two while answers come. */
const settled = 0;
const asked = 1;
const askedAgain = 2;

/** A system with the variables of its requests, and the formulas that all of them are answered. */
export function withRequests(instance: Instance, original: System, requests: readonly Request[]): System {
  const first = original.variables.length;
  const variables = requests.map(
    (_, index): Variable => ({
      id: first + index,
      name: `asked.${index}`,
      role: "ghost",
      thread: null,
      scope: null,
      length: 1,
      type: { kind: "int" },
      min: settled,
      max: askedAgain,
      initial: [settled],
      queue: null,
      projected: false,
    }),
  );
  const failures = requests.map(
    ({ thread, label, locations }): Failure => ({
      kind: "liveness",
      message: `${original.processes[thread]?.name ?? ""} ends although its ${label} has failed`,
      site: original.processes[thread]?.locations[locations[0] ?? 0]?.site ?? null,
    }),
  );
  const processes = original.processes.map((process): Process => {
    const own = requests.flatMap((request, index) =>
      request.thread === process.index ? [{ request, variable: first + index, failure: original.failures.length + index }] : [],
    );
    const marked = (code: Code, from: Location | null): Code => own.reduce((sofar, each) => marks(instance, original, sofar, from, each), code);
    if (process.stoppable) return { ...process, entry: { temps: 0, blocks: [{ statements: [], end: { op: "finish" } }] } };
    return {
      ...process,
      entry: marked(process.entry, null),
      locations: process.locations.map((location) => ({ ...location, continuation: marked(location.continuation, location) })),
    };
  });
  const ended = ({ thread }: Request): Expr => equals(processes[thread]?.pc ?? 0, processes[thread]?.locations.length ?? 0);
  const atoms = requests.flatMap((request, index): readonly Atom[] =>
    [asked, askedAgain].map((value) => ({
      name: "unanswered",
      text: "an answer is owed",
      holds: { op: "and", left: equals(first + index, value), right: { op: "unary", operator: "!", operand: ended(request) } },
      site: null,
    })),
  );
  const formulas = requests.flatMap(({ thread, label, locations }, index): readonly LivenessFormula[] =>
    [0, 1].map((which) => {
      const unanswered: Formula = { op: "atom", atom: 2 * index + which };
      const process = original.processes[thread];
      return {
        name: `the answer to ${label} of ${process?.name ?? ""}`,
        text: `${label} of ${process?.name ?? ""} is answered in the end`,
        formula: always(eventually(not(unanswered))),
        site: process?.locations[locations[0] ?? 0]?.site ?? null,
      };
    }),
  );
  return {
    ...original,
    variables: [...original.variables, ...variables],
    failures: [...original.failures, ...failures],
    processes,
    liveness: original.liveness == null ? null : { ...original.liveness, atoms, formulas, progress: null },
  };
}

interface Marked {
  readonly request: Request;
  readonly variable: number;
  readonly failure: number;
}

/** Code that leads from one operation to the next: an answer settles the request, coming to ask opens it. To end with an open one is a failure. */
function marks(instance: Instance, system: System, code: Code, from: Location | null, { request, variable, failure }: Marked): Code {
  const answered = code.temps;
  const isRequest = from !== null && request.locations.includes(from.index);
  const success = isRequest ? (successOf(instance, system, from) ?? number(1)) : number(0);
  const isAnswered: Expr = { op: "temp", temp: answered };
  const after = (asks: boolean): Expr => {
    const open = load(variable);
    const again: Expr = { op: "binary", operator: "-", left: number(askedAgain + asked), right: open };
    return asks ? select(isAnswered, again, select(equals(variable, settled), number(asked), open)) : select(isAnswered, number(settled), open);
  };
  const blocks: Block[] = [];
  const extra: Block[] = [];
  const add = (block: Block): number => code.blocks.length + extra.push(block) - 1;
  for (const [index, { statements, end }] of code.blocks.entries()) {
    const before: readonly Statement[] = index === 0 ? [{ op: "let", temp: answered, value: success }] : [];
    const assign = (asks: boolean): Statement => ({ op: "assign", variable, index: null, value: after(asks) });
    if (end.op === "yield") blocks.push({ statements: [...before, ...statements, assign(request.locations.includes(end.location))], end });
    else if (end.op === "finish") {
      const fine = add({ statements: [assign(false)], end });
      const open = add({ statements: [], end: { op: "fail", failure } });
      const isOpen: Expr = {
        op: "and",
        left: { op: "unary", operator: "!", operand: isAnswered },
        right: { op: "unary", operator: "!", operand: equals(variable, settled) },
      };
      blocks.push({ statements: [...before, ...statements], end: { op: "branch", condition: isOpen, then: open, else: fine } });
    } else blocks.push({ statements: [...before, ...statements], end });
  }
  return { temps: code.temps + 1, blocks: [...blocks, ...extra] };
}

/** A system that is violated if a request can be answered at all. */
export function untilAnswered(instance: Instance, system: System, requests: readonly Request[]): System {
  const free = withoutProperties(system);
  const failure = system.failures.length;
  const processes = free.processes.map((process) => ({
    ...process,
    locations: process.locations.map((location): Location => {
      if (!requests.some(({ thread, locations }) => thread === process.index && locations.includes(location.index))) return location;
      const { temps, blocks } = location.continuation;
      const moved = blocks.map(
        ({ statements, end }): Block => ({
          statements,
          end: end.op === "goto" ? { ...end, block: end.block + 2 } : end.op === "branch" ? { ...end, then: end.then + 2, else: end.else + 2 } : end,
        }),
      );
      const condition = successOf(instance, system, location) ?? number(1);
      const first: Block = { statements: [], end: { op: "branch", condition, then: 1, else: 2 } };
      return { ...location, continuation: { temps, blocks: [first, { statements: [], end: { op: "fail", failure } }, ...moved] } };
    }),
  }));
  return { ...free, processes, failures: [...free.failures, { kind: "assertion", message: "answered", site: null }] };
}

/** The same behaviour without any property: how far it can get, whatever is wrong on the way. */
export function withoutProperties(system: System): System {
  const lenient = (code: Code): Code => ({
    ...code,
    blocks: code.blocks.map(({ statements, end }) => ({ statements, end: end.op === "fail" ? { op: "prune" } : end })),
  });
  return {
    ...system,
    processes: system.processes.map((process) => ({
      ...process,
      entry: lenient(process.entry),
      locations: process.locations.map((location) => ({
        ...location,
        access: null,
        races: [],
        continuation: lenient(location.continuation),
        waits: location.waits.map((wait) => ({ ...wait, idle: number(1) })),
      })),
    })),
    transitions: system.transitions.map((transition) => ({ ...transition, body: lenient(transition.body) })),
    invariants: [],
    liveness: null,
  };
}
