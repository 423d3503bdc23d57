/** Runs the programs of tests/litmus on the simulated multiprocessor: one CPU a thread, in user mode, behind page tables. */
import { readFileSync } from "node:fs";
import {
  exhaust,
  type Instruction,
  type MemoryModel,
  miniature,
  Multiprocessor,
  type Operand,
  Page,
  PageTables,
  type Program,
  ProgramRun,
} from "../../dist/hardware/index.js";
import { parseCondition } from "../litmus/condition.ts";

export type LitmusOperation = readonly [string, ...(string | number)[]];

/** A program as the files in tests/litmus give it. */
export interface LitmusProgram {
  readonly name: string;
  readonly init: Readonly<Record<string, number>>;
  readonly threads: readonly (readonly LitmusOperation[])[];
}

export interface LitmusTest extends LitmusProgram {
  readonly quantifier: "exists" | "~exists" | "forall";
  readonly condition: string;
  readonly observed: readonly string[];
  readonly sc: LitmusVerdict;
  readonly tso: LitmusVerdict;
  readonly pso: LitmusVerdict;
}

export interface LitmusVerdict {
  readonly reachable: boolean;
  readonly outcomes: number;
  readonly allOutcomes: number;
}

export interface LitmusLock extends LitmusProgram {
  readonly final: readonly (string | number)[] | null;
  readonly expect: Readonly<Record<MemoryModel, string>>;
}

function read(file: string): unknown {
  return JSON.parse(readFileSync(new URL(`../litmus/data/${file}`, import.meta.url), "utf8"));
}
export const litmusTests: readonly LitmusTest[] = read("tests.json") as LitmusTest[];
export const litmusLocks: readonly LitmusLock[] = read("locks.json") as LitmusLock[];

/** Bits of it: which critical sections the thread is in; the next one: an assertion has failed. */
const sectionRegister = 14;
const failureRegister = 15;

const pageBytes = miniature.pageBytes;
const directory = pageBytes;
const dataFrame = 3 * pageBytes;
/** The virtual address of the page with the locations: not its physical one, so that translation matters. */
const dataPage = 5 * pageBytes;
/** Every location has a cache line of its own as long as there are lines in a page. */
const lines = pageBytes / (4 * miniature.cache.lineWords);

export interface LitmusRun {
  readonly machine: Multiprocessor;
  readonly run: ProgramRun;
  /** Names of all registers and locations that the program uses, registers as `thread:name`. */
  readonly names: readonly string[];
  /** The value in the machine's present state. */
  value(name: string): number;
  /** Which critical sections thread `cpu` is in, as bits. */
  sections(cpu: number): number;
  hasFailed(): boolean;
}

export interface LitmusOptions {
  readonly reduce?: boolean;
  readonly fullKey?: boolean;
}

/** A machine with this program loaded, about to start. */
export function prepare(test: LitmusProgram, memoryModel: MemoryModel, options: LitmusOptions = {}): LitmusRun {
  const machine = new Multiprocessor({ cpus: test.threads.length, memoryBytes: 4 * pageBytes, memoryModel, profile: miniature });
  const locations = new Map<string, number>();
  const registers = test.threads.map(() => new Map<string, number>());
  const index = (map: Map<string, number>, name: string): number => {
    const known = map.get(name);
    if (known !== undefined) return known;
    map.set(name, map.size);
    return map.size - 1;
  };
  const programs = test.threads.map((operations, thread) => {
    const register = (name: string | number | undefined): number => index(registers[thread] as Map<string, number>, String(name));
    const operand = (value: string | number | undefined): Operand => (typeof value === "number" ? value : { register: register(value) });
    return assemble(operations, (name) => dataPage + wordOf(index(locations, String(name))), register, operand);
  });
  for (const name of Object.keys(test.init)) index(locations, name);
  if (locations.size > 2 * lines) throw new RangeError(`${test.name}: too many locations for one page`);
  if (registers.some(({ size }) => size > sectionRegister)) throw new RangeError(`${test.name}: too many registers`);

  new PageTables(machine.console, directory, machine.pages).map(dataPage, dataFrame, Page.user | Page.writable, () => 2 * pageBytes);
  const physical = (name: string): number => dataFrame + wordOf(locations.get(name) ?? 0);
  for (const [name, value] of Object.entries(test.init)) machine.poke(physical(name), value);
  for (const cpu of machine.cpus) {
    cpu.switchAddressSpace(directory);
    cpu.enterUser();
    cpu.load(dataPage); // so that no schedule differs from another in its TLB misses only
  }

  const names = [...registers.flatMap((map, thread) => [...map.keys()].map((name) => `${thread}:${name}`)), ...locations.keys()];
  return {
    machine,
    run: new ProgramRun(machine, programs, { ...options, watch: [sectionRegister] }),
    names,
    value(name) {
      const [, thread, register] = /^(\d+):(.*)$/.exec(name) ?? [];
      if (thread === undefined || register === undefined) return locations.has(name) ? machine.peek(physical(name)) : (test.init[name] ?? 0);
      const place = registers[Number(thread)]?.get(register);
      if (place === undefined) throw new RangeError(`${test.name}: no register ${name}`);
      return machine.cpu(Number(thread)).registers[place] as number;
    },
    sections: (cpu) => machine.cpu(cpu).registers[sectionRegister] as number,
    hasFailed: () => machine.cpus.some((cpu) => cpu.registers[failureRegister] !== 0),
  };
}

function wordOf(location: number): number {
  return location < lines ? 4 * miniature.cache.lineWords * location : 4 * (miniature.cache.lineWords * (location - lines) + 1);
}

type Name = string | number | undefined;
function assemble(
  operations: readonly LitmusOperation[],
  address: (name: Name) => number,
  register: (name: Name) => number,
  operand: (value: Name) => Operand,
): Program {
  // Labels take no place; an assertion takes two.
  const labels = new Map<Name, number>();
  let place = 0;
  for (const [op, a] of operations) {
    if (op === "L") labels.set(a, place);
    else place += op === "ASSERT" ? 2 : 1;
  }
  const target = (label: Name): number => {
    const found = labels.get(label);
    if (found === undefined) throw new SyntaxError(`no label ${label}`);
    return found;
  };
  const program: Instruction[] = [];
  for (const [op, a, b, c, d] of operations) {
    switch (op) {
      case "W":
        program.push({ op: "store", address: address(a), value: operand(b) });
        break;
      case "R":
        program.push({ op: "load", into: register(a), address: address(b) });
        break;
      case "F":
        program.push({ op: "fence" });
        break;
      case "SF":
        program.push({ op: "storeBarrier" });
        break;
      case "XCHG":
        program.push({ op: "exchange", into: register(a), address: address(b), value: operand(c) });
        break;
      case "FADD":
        program.push({ op: "fetchAdd", into: register(a), address: address(b), amount: operand(c) });
        break;
      case "CAS":
        program.push({ op: "compareExchange", into: register(a), address: address(b), expected: operand(c), desired: operand(d) });
        break;
      case "SET":
        program.push({ op: "set", into: register(a), value: operand(b) });
        break;
      case "ADD":
        program.push({ op: "add", into: register(a), left: operand(b), right: operand(c) });
        break;
      case "L":
        break;
      case "J":
        program.push({ op: "jump", to: target(a) });
        break;
      case "BEQ":
      case "BNE":
        program.push({ op: "branch", left: operand(a), is: op === "BEQ" ? "==" : "!=", right: operand(b), to: target(c) });
        break;
      case "AWAIT":
        program.push({ op: "await", address: address(a), is: b === "==" ? "==" : "!=", value: operand(c) });
        break;
      case "CS+":
        program.push({ op: "add", into: sectionRegister, left: { register: sectionRegister }, right: 1 << Number(a) });
        break;
      case "CS-":
        program.push({ op: "add", into: sectionRegister, left: { register: sectionRegister }, right: -(1 << Number(a)) });
        break;
      case "ASSERT":
        program.push({ op: "branch", left: operand(a), is: b === "==" ? "==" : "!=", right: operand(c), to: program.length + 2 });
        program.push({ op: "set", into: failureRegister, value: 1 });
        break;
      default:
        throw new SyntaxError(`no operation ${op}`);
    }
  }
  return program;
}

export interface LitmusResult extends LitmusVerdict {
  readonly states: number;
  readonly steps: number;
  /** Runs that neither finished nor could go on. */
  readonly stuck: number;
}

/** All final outcomes that the machine's schedules reach. */
export function allOutcomes(test: LitmusTest, memoryModel: MemoryModel, options: LitmusOptions = { reduce: true }): LitmusResult {
  const litmus = prepare(test, memoryModel, options);
  const condition = parseCondition(test.condition);
  const target = test.quantifier === "forall" ? (): boolean => !condition(litmus.value) : (): boolean => condition(litmus.value);
  const observed = new Set<string>();
  const all = new Set<string>();
  let reachable = false;
  let stuck = 0;
  const { states, steps } = exhaust(litmus.run, {
    onEnd: () => {
      if (!litmus.run.isFinished) {
        stuck++;
        return;
      }
      observed.add(test.observed.map(litmus.value).join());
      all.add(litmus.names.map(litmus.value).join());
      reachable ||= target();
    },
  });
  return { reachable, outcomes: observed.size, allOutcomes: all.size, states, steps, stuck };
}

/** What goes wrong with an algorithm on this machine, in the words of locks.json. */
export function lockVerdict(
  lock: LitmusLock,
  memoryModel: MemoryModel,
  options: LitmusOptions = { reduce: true },
): { readonly verdict: string; readonly states: number } {
  const litmus = prepare(lock, memoryModel, options);
  const found = new Set<string>();
  const { states } = exhaust(litmus.run, {
    onState: () => {
      let taken = 0;
      for (const { id } of litmus.machine.cpus) {
        if ((taken & litmus.sections(id)) !== 0) found.add("viol");
        taken |= litmus.sections(id);
      }
      if (litmus.hasFailed()) found.add("assert");
    },
    onEnd: () => {
      if (!litmus.run.isFinished) found.add("dead");
      else if (lock.final !== null && !finalHolds(lock.final, litmus)) found.add("data");
    },
  });
  const verdict = ["viol", "dead", "data", "assert"].filter((kind) => found.has(kind)).join("+");
  return { verdict: verdict === "" ? "ok" : verdict, states };
}

function finalHolds([first, second, third]: readonly (string | number)[], { value }: LitmusRun): boolean {
  if (first === "notboth") return !(value(String(second)) === 1 && value(String(third)) === 1);
  if (second === "==") return value(String(first)) === third;
  throw new SyntaxError(`no final condition ${first} ${second} ${third}`);
}
