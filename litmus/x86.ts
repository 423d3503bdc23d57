/**
 * The X86 dialect of herd: columns of instructions separated by `|`, rows ended by `;`, Intel operand order, `[x]` for
 * memory and `$1` for constants.
 *
 * Under TSO an LFENCE does nothing and an SFENCE nothing either (stores of write-back memory leave in order anyway); they
 * are read as acquire and release fences, which says the same and keeps stores apart under PSO. An instruction that reads
 * and writes memory without LOCK is a load and a store; XCHG with memory is always locked.
 */
import type { Expression, Instruction } from "./program.ts";
import type { ParsedThreads } from "./file.ts";
import { Scanner } from "./scanner.ts";

const supported =
  "MOV, XCHG, MFENCE, LFENCE, SFENCE, ADD, SUB, AND, OR, XOR, INC, DEC, CMP, JE, JNE, JMP, labels, NOP; with LOCK: XADD, CMPXCHG, XCHG, ADD, SUB, AND, OR, XOR, INC, DEC";
const operators = { ADD: "+", SUB: "-", AND: "&", OR: "|", XOR: "^", INC: "+", DEC: "-" } as const;
type Arithmetic = keyof typeof operators;

/** The registers that no program can name: the zero flag and a value on its way. */
const zero = "ZF";
const transit = "tmp";

/** A jump before its label is known. */
type Draft = Instruction | { readonly op: "jump"; readonly condition: Expression; readonly label: string; readonly at: number };

type Operand =
  | { readonly kind: "register"; readonly name: string }
  | { readonly kind: "memory"; readonly location: string }
  | { readonly kind: "constant"; readonly value: number };

/** Reads the program part. */
export function parseX86(file: string, text: string, from: number, touch: (location: string) => string): ParsedThreads {
  const columns = new Scanner(file, text, { from });
  const names = columns.match(/P\d+(\s*\|\s*P\d+)*\s*;/) ?? columns.fail(`'P0 | P1 ;' is expected, not ${columns.shown()}`);
  const threads = names.split("|").map((): Column => ({ drafts: [], labels: new Map() }));
  const numbers = names.match(/\d+/g) ?? [];
  if (numbers.some((number, i) => Number(number) !== i)) columns.fail("threads are numbered P0, P1, … from left to right", from);
  while (!columns.sees("exists") && !columns.sees("~") && !columns.sees("forall") && !columns.sees("locations") && !columns.sees("filter")) {
    if (columns.done) columns.fail("a condition is expected, not the end", columns.at, "exists, ~exists, forall");
    const end = text.indexOf(";", columns.at);
    if (end < 0) columns.fail("this row is not ended by ';'");
    let start = columns.at;
    const cells = text.slice(columns.at, end).split("|");
    if (cells.length > threads.length) columns.fail(`this row has ${cells.length} columns, and there are ${threads.length} threads`);
    cells.forEach((cell, t) => {
      const column = threads[t];
      if (column !== undefined) parseCell(new Scanner(file, text, { from: start, to: start + cell.length }), column, touch);
      start += cell.length + 1;
    });
    columns.at = end + 1;
  }
  return { threads: threads.map((column) => finish(column, columns)), end: columns.at };
}

interface Column {
  readonly drafts: Draft[];
  readonly labels: Map<string, number>;
}

function finish(column: Column, scanner: Scanner): readonly Instruction[] {
  // Flags that no jump reads would only add registers to the outcomes.
  const jumps = column.drafts.some((draft) => draft.op === "jump");
  const kept = column.drafts.map((draft) => jumps || draft.op !== "set" || draft.register !== zero);
  const position = (at: number): number => kept.slice(0, at).filter(Boolean).length;
  return column.drafts
    .filter((_, i) => kept[i])
    .map((draft): Instruction => {
      if (draft.op !== "jump") return draft;
      const target = column.labels.get(draft.label) ?? scanner.fail(`there is no label ${draft.label}`, draft.at);
      return { op: "branch", condition: draft.condition, target: position(target) };
    });
}

const constant = (value: number): Expression => ({ op: "const", value });
const named = (name: string): Expression => ({ op: "register", name });
const equal = (left: Expression, right: Expression): Expression => ({ op: "binary", operator: "==", left, right });

function parseCell(scanner: Scanner, column: Column, touch: (location: string) => string): void {
  const emit = (...drafts: readonly Draft[]): void => void column.drafts.push(...drafts);
  if (scanner.done) return;
  const label = scanner.match(/[A-Za-z_]\w*\s*:/);
  if (label !== null) {
    column.labels.set(label.replace(/\s*:$/, ""), column.drafts.length);
    if (scanner.done) return;
  }
  const at = scanner.at;
  const locked = scanner.takes("LOCK") || scanner.takes("lock");
  scanner.blank();
  const place = scanner.at;
  const mnemonic = scanner.name("an instruction").toUpperCase();
  const operand = (): Operand => parseOperand(scanner, touch);
  const two = (): readonly [Operand, Operand] => {
    const first = operand();
    scanner.expect(",");
    return [first, operand()];
  };
  const unlockable = (): void => {
    if (locked) scanner.fail(`LOCK does not go with ${mnemonic} here`, at, supported);
  };
  /** The operand as a value; memory is loaded first. */
  const value = (from: Operand): Expression => {
    if (from.kind === "register") return named(from.name);
    if (from.kind === "constant") return constant(from.value);
    emit({ op: "load", register: transit, location: from.location, order: "plain" });
    return named(transit);
  };

  switch (mnemonic) {
    case "MOV": {
      unlockable();
      const [to, source] = two();
      if (to.kind === "memory" && source.kind !== "memory") emit({ op: "store", location: to.location, value: value(source), order: "plain" });
      else if (to.kind === "register" && source.kind === "memory") emit({ op: "load", register: to.name, location: source.location, order: "plain" });
      else if (to.kind === "register") emit({ op: "set", register: to.name, value: value(source) });
      else scanner.fail("MOV needs a register or memory to write, and memory only once", at, supported);
      break;
    }
    case "XCHG": {
      const [first, second] = two();
      const [memory, register] = first.kind === "memory" ? [first, second] : [second, first];
      if (memory.kind !== "memory" || register.kind !== "register") scanner.fail("XCHG is supported between memory and a register", at, supported);
      emit({ op: "exchange", register: register.name, location: memory.location, value: named(register.name), order: "seq_cst" });
      break;
    }
    case "XADD": {
      const [memory, register] = two();
      if (!locked || memory.kind !== "memory" || register.kind !== "register")
        scanner.fail("XADD is supported with LOCK, on memory and a register", at, supported);
      emit({ op: "modify", register: transit, location: memory.location, operator: "+", operand: named(register.name), order: "seq_cst" });
      emit({ op: "set", register: zero, value: equal({ op: "binary", operator: "+", left: named(transit), right: named(register.name) }, constant(0)) });
      emit({ op: "set", register: register.name, value: named(transit) });
      break;
    }
    case "CMPXCHG": {
      const [memory, register] = two();
      if (!locked || memory.kind !== "memory" || register.kind !== "register")
        scanner.fail("CMPXCHG is supported with LOCK, on memory and a register", at, supported);
      // Whether it writes or not, EAX ends with the old value.
      emit({
        op: "compareExchange",
        register: transit,
        location: memory.location,
        expected: named("EAX"),
        desired: named(register.name),
        order: "seq_cst",
        failure: "seq_cst",
      });
      emit({ op: "set", register: zero, value: equal(named(transit), named("EAX")) }, { op: "set", register: "EAX", value: named(transit) });
      break;
    }
    case "ADD":
    case "SUB":
    case "AND":
    case "OR":
    case "XOR":
    case "INC":
    case "DEC": {
      const [to, source]: readonly [Operand, Operand] = mnemonic === "INC" || mnemonic === "DEC" ? [operand(), { kind: "constant", value: 1 }] : two();
      arithmetic(mnemonic, to, source);
      break;
    }
    case "CMP": {
      unlockable();
      const [left, right] = two();
      if (left.kind === "memory" && right.kind === "memory") scanner.fail("CMP takes one memory operand at most", at, supported);
      emit({ op: "set", register: zero, value: equal(value(left), value(right)) });
      break;
    }
    case "JE":
    case "JZ":
    case "JNE":
    case "JNZ":
    case "JMP":
      unlockable();
      emit({
        op: "jump",
        condition: mnemonic === "JMP" ? constant(1) : mnemonic === "JE" || mnemonic === "JZ" ? named(zero) : { op: "not", operand: named(zero) },
        label: scanner.name("a label"),
        at,
      });
      break;
    case "MFENCE":
      unlockable();
      emit({ op: "fence", order: "seq_cst" });
      break;
    case "LFENCE":
      unlockable();
      emit({ op: "fence", order: "acquire" });
      break;
    case "SFENCE":
      unlockable();
      emit({ op: "fence", order: "release" });
      break;
    case "NOP":
      unlockable();
      break;
    default:
      scanner.fail(`${mnemonic} is not supported`, place, supported);
  }
  if (!scanner.done) scanner.fail(`the instruction ends here, but ${scanner.shown()} follows`);

  function arithmetic(operation: Arithmetic, to: Operand, source: Operand): void {
    const operator = operators[operation];
    if (to.kind === "constant" || (to.kind === "memory" && source.kind === "memory"))
      scanner.fail(`${operation} needs a register or memory to write, and memory only once`, at, supported);
    if (to.kind === "register") {
      unlockable();
      emit({ op: "set", register: to.name, value: { op: "binary", operator, left: named(to.name), right: value(source) } });
      emit({ op: "set", register: zero, value: equal(named(to.name), constant(0)) });
      return;
    }
    const result: Expression = { op: "binary", operator, left: named(transit), right: value(source) };
    if (locked) emit({ op: "modify", register: transit, location: to.location, operator, operand: value(source), order: "seq_cst" });
    else emit({ op: "load", register: transit, location: to.location, order: "plain" }, { op: "store", location: to.location, value: result, order: "plain" });
    emit({ op: "set", register: zero, value: equal(result, constant(0)) });
  }
}

function parseOperand(scanner: Scanner, touch: (location: string) => string): Operand {
  const at = scanner.at;
  if (scanner.takes("[")) {
    const location = scanner.name("a location");
    if (isRegister(location)) scanner.fail(`[${location}]: addresses in registers are not supported`, at, "[x] with a location's name");
    scanner.expect("]");
    return { kind: "memory", location: touch(location) };
  }
  if (scanner.takes("$")) return { kind: "constant", value: scanner.integer() ?? scanner.fail(`an integer is expected after $, not ${scanner.shown()}`) };
  const integer = scanner.integer();
  if (integer !== null) return { kind: "constant", value: integer };
  scanner.takes("%");
  const name = scanner.name("a register, [location] or constant");
  if (!isRegister(name)) scanner.fail(`${name} is not a register`, at, "EAX, EBX, ECX, EDX, ESI, EDI, EBP, ESP, R8D to R15D; memory is [x]");
  return { kind: "register", name: name.toUpperCase() };
}

const isRegister = (name: string): boolean => /^(E[ABCD]X|E[SD]I|E[BS]P|R([89]|1[0-5])D)$/i.test(name);
