/**
 * Expressions and assignments over a packed state whose words are in WebAssembly locals. A load is a shift and a mask,
 * an assignment a mask and an or; V8's optimising compiler shares what several of them have in common.
 */
import { divides } from "../../../model/system/arithmetic.ts";
import type { Code, Expr, Process, Statement, System } from "../../../model/system/system.ts";
import { isTruth } from "../../../model/system/truth.ts";
import { elementPlace, type Layout, type Place } from "../layout.ts";
import { op, type FunctionBuilder } from "../wasm/encoder.ts";
import { fold } from "./fold.ts";

const mask = (bits: number): bigint => (1n << BigInt(bits)) - 1n;
/** Division is the only thing that can trap. */
const mayTrap = (e: Expr): boolean => {
  switch (e.op) {
    case "const":
    case "temp":
      return false;
    case "load":
      return e.index !== null && mayTrap(e.index);
    case "unary":
      return mayTrap(e.operand);
    case "binary":
      return divides(e.operator) || mayTrap(e.left) || mayTrap(e.right);
    case "and":
    case "or":
      return mayTrap(e.left) || mayTrap(e.right);
    case "select":
      return mayTrap(e.condition) || mayTrap(e.then) || mayTrap(e.else);
  }
};
const weight = (e: Expr): number => {
  switch (e.op) {
    case "const":
    case "temp":
      return 0;
    case "load":
      return e.index === null || e.index.op === "const" ? 1 : 3 + weight(e.index);
    case "unary":
      return 1 + weight(e.operand);
    case "binary":
    case "and":
    case "or":
      return 1 + weight(e.left) + weight(e.right);
    case "select":
      return 9;
  }
};

/** Whether an index is known to be none of an element. */
const isOutside = ({ length }: Place, index: Expr): boolean => index.op === "const" && (index.value < 0 || index.value >= length);

/** Where generated code reads and writes: the locals that hold the words of a state and the temporaries. */
export class Frame {
  readonly f: FunctionBuilder;
  readonly system: System;
  readonly layout: Layout;
  /** Locals of the words, read and written. */
  words: readonly number[] = [];
  /** Temporaries that are constants here. */
  #known: ReadonlyMap<number, number> = new Map();
  #temps = new Map<number, number>();
  #pool: number[] = [];
  #used = 0;
  #index: number | null = null;
  #wide: number | null = null;

  constructor(f: FunctionBuilder, system: System, layout: Layout) {
    this.f = f;
    this.system = system;
    this.layout = layout;
  }

  /** New locals for the words of one state. */
  newWords(): readonly number[] {
    return Array.from({ length: this.layout.words }, () => this.f.local("i64"));
  }
  /** Loads the words of the state at the address in local `address`. */
  loadWords(address: number): void {
    for (const [i, word] of this.words.entries())
      this.f
        .get(address)
        .load("i64", 8 * i)
        .set(word);
  }
  storeWords(address: number): void {
    for (const [i, word] of this.words.entries())
      this.f
        .get(address)
        .get(word)
        .store("i64", 8 * i);
  }

  /**
   * Begins a piece of code: its temporaries get locals, taken from a pool that pieces which cannot be alive at the same
   * time share. `given` are locals that hold the first temporaries.
   */
  begin(given: readonly number[] = [], known: ReadonlyMap<number, number> = new Map()): void {
    this.#known = known;
    this.#temps = new Map(given.map((local, temp) => [temp, local]));
  }
  temp(temp: number): number {
    let local = this.#temps.get(temp);
    if (local === undefined) {
      local = this.#pool[this.#used] ?? this.f.local("i32");
      this.#pool[this.#used++] = local;
      this.#temps.set(temp, local);
    }
    return local;
  }
  /** A local of one's own that {@link release} gives back. */
  scratch(): number {
    const local = this.#pool[this.#used] ?? this.f.local("i32");
    this.#pool[this.#used++] = local;
    return local;
  }
  /** How many pooled locals are taken; {@link release} goes back to an earlier number. */
  taken(): number {
    return this.#used;
  }
  release(taken: number): void {
    this.#used = taken;
  }

  place(variable: number): Place {
    const place = this.layout.places[variable];
    if (place === undefined) throw new RangeError(`there is no variable ${variable}`);
    return place;
  }

  /** Pushes an i32: the value of the expression. */
  value(expression: Expr): void {
    this.#value(fold(expression, this.#known));
  }

  #value(e: Expr): void {
    const { f } = this;
    switch (e.op) {
      case "const":
        f.i32(e.value);
        return;
      case "temp":
        f.get(this.temp(e.temp));
        return;
      case "load":
        this.#load(this.place(e.variable), e.index ?? { op: "const", value: 0 });
        return;
      case "unary":
        if (e.operator === "-") f.i32(0);
        this.#value(e.operand);
        if (e.operator === "-") f.op(op.i32_sub);
        else if (e.operator === "!") f.op(op.i32_eqz);
        else f.i32(-1).op(op.i32_xor);
        return;
      case "and":
      case "or": {
        const bitwise = isTruth(e.left) && isTruth(e.right) && weight(e.right) <= 8 && !mayTrap(e.right);
        if (bitwise) {
          this.#value(e.left);
          this.#value(e.right);
          f.op(e.op === "and" ? op.i32_and : op.i32_or);
          return;
        }
        const right = (): void => {
          this.#value(e.right);
          if (!isTruth(e.right)) f.i32(0).op(op.i32_ne);
        };
        this.#value(e.left);
        if (e.op === "and") f.if(right, () => f.i32(0), "i32");
        else f.if(() => f.i32(1), right, "i32");
        return;
      }
      case "select":
        this.#value(e.condition);
        f.if(
          () => this.#value(e.then),
          () => this.#value(e.else),
          "i32",
        );
        return;
      case "binary":
        this.#value(e.left);
        if (e.operator === "==" && e.right.op === "const" && e.right.value === 0) {
          f.op(op.i32_eqz);
          return;
        }
        this.#value(e.right);
        f.op(binary[e.operator]);
    }
  }

  /** The local that holds the element's index. */
  #indexLocal(): number {
    this.#index ??= this.f.local("i32");
    return this.#index;
  }

  #load(place: Place, index: Expr): void {
    const { f } = this;
    // An index that is known to be outside is read only where what was asked before has failed, or aside, for nothing.
    if (place.bits === 0 || isOutside(place, index)) {
      f.i32(place.min);
      return;
    }
    const finish = (top: boolean): void => {
      f.op(op.i32_wrap);
      if (!top && place.bits < 32) f.i32(Number(mask(place.bits))).op(op.i32_and);
      if (place.min !== 0) f.i32(place.min).op(op.i32_add);
    };
    if (index.op === "const" || place.length === 1) {
      const { word, shift } = elementPlace(place, index.op === "const" ? index.value : 0);
      f.get(this.#word(word));
      if (shift > 0) f.i64(BigInt(shift)).op(op.i64_shr_u);
      finish(shift + place.bits === 64);
      return;
    }
    const fromChunk = (chunk: number, local: number | null): void => {
      const { word, shift } = place.chunks[chunk] ?? { word: 0, shift: 0 };
      f.get(this.#word(word));
      if (local === null) this.#value(index);
      else f.get(local);
      this.#bitOffset(place, shift - chunk * place.perChunk * place.bits);
      f.op(op.i64_extend_u, op.i64_shr_u, op.i32_wrap);
    };
    if (place.chunks.length === 1) fromChunk(0, null);
    else {
      this.#value(index);
      const local = this.scratch();
      f.set(local);
      const from = (chunk: number): void => {
        if (chunk + 1 === place.chunks.length) return fromChunk(chunk, local);
        f.get(local)
          .i32((chunk + 1) * place.perChunk)
          .op(op.i32_lt_s);
        f.if(
          () => fromChunk(chunk, local),
          () => from(chunk + 1),
          "i32",
        );
      };
      from(0);
      this.#used--;
    }
    if (place.bits < 32) f.i32(Number(mask(place.bits))).op(op.i32_and);
    if (place.min !== 0) f.i32(place.min).op(op.i32_add);
  }

  /** Turns the index on the stack into a shift. */
  #bitOffset(place: Place, base: number): void {
    const { f } = this;
    if (place.bits > 1) {
      if ((place.bits & (place.bits - 1)) === 0) f.i32(Math.log2(place.bits)).op(op.i32_shl);
      else f.i32(place.bits).op(op.i32_mul);
    }
    if (base !== 0) f.i32(base).op(op.i32_add);
  }

  #word(word: number): number {
    const local = this.words[word];
    if (local === undefined) throw new RangeError(`there is no word ${word}`);
    return local;
  }

  /** variable[index] = value; the value is in range. */
  assign(variable: number, indexExpression: Expr | null, valueExpression: Expr): void {
    const { f } = this;
    const place = this.place(variable);
    if (place.bits === 0) return;
    const index = fold(indexExpression ?? { op: "const", value: 0 }, this.#known);
    const value = fold(valueExpression, this.#known);
    // Behind a check of the index that has failed.
    if (isOutside(place, index)) return void f.op(op.unreachable);
    const stored = (): void => {
      if (value.op === "const") {
        f.i64(BigInt(value.value - place.min));
        return;
      }
      this.#value(value);
      if (place.min !== 0) f.i32(place.min).op(op.i32_sub);
      f.op(op.i64_extend_u);
    };
    if (index.op === "const" || place.length === 1) {
      const { word, shift } = elementPlace(place, index.op === "const" ? index.value : 0);
      const local = this.#word(word);
      const field = mask(place.bits) << BigInt(shift);
      f.get(local);
      const constant = value.op === "const" ? BigInt(value.value - place.min) << BigInt(shift) : null;
      if (constant !== field) f.i64(~field).op(op.i64_and);
      if (constant !== null) {
        if (constant !== 0n) f.i64(constant).op(op.i64_or);
      } else {
        stored();
        if (shift > 0) f.i64(BigInt(shift)).op(op.i64_shl);
        f.op(op.i64_or);
      }
      f.set(local);
      return;
    }
    const wide = (this.#wide ??= f.local("i64"));
    stored();
    f.set(wide);
    const local = this.#indexLocal();
    this.#value(index);
    f.set(local);
    const shiftLocal = this.scratch();
    const into = (chunk: number): void => {
      const { word, shift } = place.chunks[chunk] ?? { word: 0, shift: 0 };
      const target = this.#word(word);
      f.get(local);
      this.#bitOffset(place, shift - chunk * place.perChunk * place.bits);
      f.set(shiftLocal);
      f.get(target).i64(~mask(place.bits)).get(shiftLocal).op(op.i64_extend_u, op.i64_rotl, op.i64_and);
      f.get(wide).get(shiftLocal).op(op.i64_extend_u, op.i64_shl, op.i64_or).set(target);
    };
    const from = (chunk: number): void => {
      if (chunk + 1 === place.chunks.length) return into(chunk);
      f.get(local)
        .i32((chunk + 1) * place.perChunk)
        .op(op.i32_lt_s);
      f.if(
        () => into(chunk),
        () => from(chunk + 1),
      );
    };
    from(0);
    this.#used--;
  }

  setLocation(process: Process, location: number): void {
    this.assign(process.pc, null, { op: "const", value: location });
  }
  location(process: Process): void {
    this.value({ op: "load", variable: process.pc, index: null });
  }

  /** The thread has ended: its locals are reset. */
  finish(process: Process): void {
    this.setLocation(process, process.locations.length);
    for (const local of process.locals) {
      const variable = this.system.variables[local];
      for (let i = 0; i < (variable?.length ?? 0); i++) this.assign(local, { op: "const", value: i }, { op: "const", value: variable?.min ?? 0 });
    }
  }

  /** Statements that every piece of code may contain; `complete` is the caller's. */
  statement(statement: Exclude<Statement, { op: "complete" }>): void {
    const { f } = this;
    switch (statement.op) {
      case "let":
        this.value(statement.value);
        f.set(this.temp(statement.temp));
        return;
      case "assign":
        this.assign(statement.variable, statement.index, statement.value);
        return;
      case "terminate": {
        const thread = fold(statement.thread, this.#known);
        const [only] = thread.op === "const" ? [this.system.processes[thread.value]] : [];
        if (only !== undefined) return this.finish(only);
        this.#value(thread);
        const local = this.scratch();
        f.set(local);
        for (const process of this.system.processes) {
          f.get(local).i32(process.index).op(op.i32_eq);
          f.if(() => this.finish(process));
        }
        this.#used--;
      }
    }
  }
}

const binary = {
  "+": op.i32_add,
  "-": op.i32_sub,
  "*": op.i32_mul,
  "/": op.i32_div_s,
  "%": op.i32_rem_s,
  "&": op.i32_and,
  "|": op.i32_or,
  "^": op.i32_xor,
  "<<": op.i32_shl,
  ">>": op.i32_shr_s,
  ">>>": op.i32_shr_u,
  "<": op.i32_lt_s,
  "<=": op.i32_le_s,
  ">": op.i32_gt_s,
  ">=": op.i32_ge_s,
  "==": op.i32_eq,
  "!=": op.i32_ne,
} as const;

/** Whether the code contains such a statement. */
export function contains(code: Code, which: (statement: Statement) => boolean): boolean {
  return code.blocks.some((block) => block.statements.some(which));
}

/** A rough measure of the code that comes of it. */
export function sizeOf(code: Code): number {
  const cost = (statement: Statement): number => {
    switch (statement.op) {
      case "let":
        return 1 + weight(statement.value);
      case "assign":
        return 2 + weight(statement.value);
      case "complete":
        return 4 + statement.results.length;
      case "terminate":
        return 20;
    }
  };
  return code.blocks.reduce((sum, block) => sum + 2 + block.statements.reduce((inner, statement) => inner + cost(statement), 0), 0);
}
