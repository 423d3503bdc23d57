/**
 * The C dialect of herd: `P0 (atomic_int* x) { … }` with C11 atomics, plain accesses through pointers, integer locals,
 * `if` and `else`.
 *
 * Calls of atomics stand anywhere in an expression and take effect from left to right. `memory_order_consume` is read as
 * acquire. A weak compare-and-exchange never fails spuriously.
 */
import type { Order } from "../model/language/memory.ts";
import type { BinaryOperator } from "../model/system/system.ts";
import type { ParsedThreads } from "./file.ts";
import { failureOrder } from "../model/memory/order.ts";
import { type Expression, type Instruction, registersOf } from "./program.ts";
import { Scanner } from "./scanner.ts";

const supported =
  "atomic_load, atomic_store, atomic_exchange, atomic_fetch_add/sub/and/or/xor, atomic_compare_exchange_strong (each also _explicit), atomic_thread_fence, *x, integer locals, if, else, arithmetic";
const orders: Readonly<Record<string, Order>> = {
  relaxed: "relaxed",
  consume: "acquire",
  acquire: "acquire",
  release: "release",
  acq_rel: "acq_rel",
  seq_cst: "seq_cst",
};
/** Binary operators by binding strength, loosest first. */
const levels: readonly (readonly BinaryOperator[])[] = [["|"], ["^"], ["&"], ["==", "!="], ["<=", ">=", "<", ">"], ["<<", ">>"], ["+", "-"], ["*", "/", "%"]];
const type = /(?:(?:const|volatile|unsigned|signed|int|long|bool|_Bool|atomic_int|u?int(?:8|16|32)_t)\b\s*)+/;

/** Reads the program part. */
export function parseC(file: string, text: string, from: number, touch: (location: string) => string): ParsedThreads {
  const scanner = new Scanner(file, text, { from, c: true });
  const threads: (readonly Instruction[])[] = [];
  while (!scanner.done && /^P\d/.test(scanner.text.slice(scanner.at, scanner.at + 2))) {
    const at = scanner.at;
    if (!scanner.takes(`P${threads.length}`)) scanner.fail(`P${threads.length} is expected here`, at);
    threads.push(new ThreadParser(scanner, touch).read());
  }
  if (threads.length === 0) scanner.fail(`'P0 (…) { … }' is expected, not ${scanner.shown()}`);
  return { threads, end: scanner.at };
}

class ThreadParser {
  readonly #scanner: Scanner;
  readonly #touch: (location: string) => string;
  readonly #shared = new Set<string>();
  readonly #locals = new Set<string>();
  readonly #code: Instruction[] = [];
  #unnamed = 0;

  constructor(scanner: Scanner, touch: (location: string) => string) {
    this.#scanner = scanner;
    this.#touch = touch;
  }

  read(): readonly Instruction[] {
    const s = this.#scanner;
    s.expect("(");
    while (!s.takes(")")) {
      if (s.match(type) === null) s.fail(`a pointer parameter is expected, not ${s.shown()}`, s.at, "atomic_int* x, int* x, volatile int* x");
      s.expect("*", "parameters are pointers to shared integers");
      const name = s.name("a parameter");
      this.#shared.add(this.#touch(name));
      if (!s.takes(",")) {
        s.expect(")");
        break;
      }
    }
    this.#block();
    return this.#code;
  }

  #block(): void {
    const s = this.#scanner;
    if (!s.takes("{")) {
      this.#statement();
      return;
    }
    while (!s.takes("}")) {
      if (s.done) s.fail("'}' is missing");
      this.#statement();
    }
  }

  #statement(): void {
    const s = this.#scanner;
    s.blank();
    const at = s.at;
    if (s.takes(";")) return;
    if (s.sees("{")) return this.#block();
    if (s.takes("if")) return this.#if();
    for (const word of ["while", "for", "do", "goto", "switch", "return"]) if (s.sees(word)) s.fail(`'${word}' is not supported`, at, supported);
    if (s.takes("*")) {
      const location = this.#location();
      s.expect("=");
      const value = this.#expression();
      this.#code.push({ op: "store", location, value, order: "plain" });
    } else if (s.match(type) !== null) {
      do {
        const name = s.name("a local");
        this.#locals.add(name);
        if (s.takes("=")) this.#assign(name);
        else this.#code.push({ op: "set", register: name, value: { op: "const", value: 0 } });
      } while (s.takes(","));
    } else {
      const name = s.match(/[A-Za-z_]\w*(?=\s*=[^=])/);
      if (name !== null) {
        if (!this.#locals.has(name)) s.fail(this.#shared.has(name) ? `write *${name} to mean the shared location` : `${name} is not declared`, at);
        s.expect("=");
        this.#assign(name);
      } else this.#expression();
    }
    s.expect(";", supported);
  }

  #if(): void {
    const s = this.#scanner;
    s.expect("(");
    const condition = this.#expression();
    s.expect(")");
    const branch = this.#hole();
    this.#block();
    if (s.takes("else")) {
      const skip = this.#hole();
      this.#code[branch] = { op: "branch", condition: { op: "not", operand: condition }, target: this.#code.length };
      this.#block();
      this.#code[skip] = { op: "branch", condition: { op: "const", value: 1 }, target: this.#code.length };
    } else this.#code[branch] = { op: "branch", condition: { op: "not", operand: condition }, target: this.#code.length };
  }

  /** A place for a branch whose target comes later. */
  #hole(): number {
    return this.#code.push({ op: "branch", condition: { op: "const", value: 0 }, target: 0 }) - 1;
  }

  /** `name = expression`; a single load or read-modify-write goes straight into the local. */
  #assign(name: string): void {
    const value = this.#expression();
    const last = this.#code.at(-1);
    if (
      value.op === "register" &&
      last !== undefined &&
      "register" in last &&
      last.register === value.name &&
      value.name.startsWith("tmp.") &&
      !registersOf({ ...last, register: null } as Instruction).includes(value.name)
    ) {
      this.#code[this.#code.length - 1] = { ...last, register: name } as Instruction;
    } else this.#code.push({ op: "set", register: name, value });
  }

  #expression(): Expression {
    return this.#logical("||");
  }

  #logical(operator: "||" | "&&"): Expression {
    const s = this.#scanner;
    const next = (): Expression => (operator === "||" ? this.#logical("&&") : this.#binary(0));
    const truth = (operand: Expression): Expression => ({ op: "not", operand: { op: "not", operand } });
    let left = next();
    for (s.blank(); s.takes(operator); s.blank()) {
      const [at, before] = [s.at, this.#code.length];
      const right = next();
      if (this.#code.length > before) s.fail(`memory accesses on the right of ${operator} are not supported`, at, "nested ifs");
      left = { op: "binary", operator: operator === "||" ? "|" : "&", left: truth(left), right: truth(right) };
    }
    return left;
  }

  #binary(level: number): Expression {
    const s = this.#scanner;
    const candidates = levels[level];
    if (candidates === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      // `&&` and `||` are not two of `&` and `|`.
      const operator =
        s.sees("&&") || s.sees("||") ? undefined : candidates.find((each) => s.sees(each) && !((each === "<" || each === ">") && s.sees(each + each)));
      if (operator === undefined) return left;
      s.takes(operator);
      left = { op: "binary", operator, left, right: this.#binary(level + 1) };
    }
  }

  #unary(): Expression {
    const s = this.#scanner;
    if (s.takes("!")) return { op: "not", operand: this.#unary() };
    if (s.takes("~")) return { op: "complement", operand: this.#unary() };
    const integer = s.integer();
    if (integer !== null) return { op: "const", value: integer };
    if (s.takes("-")) return { op: "negate", operand: this.#unary() };
    if (s.takes("(")) {
      if (s.match(type) !== null) {
        s.expect(")", "casts to integer types");
        return this.#unary();
      }
      const inner = this.#expression();
      s.expect(")");
      return inner;
    }
    if (s.takes("*")) return this.#into((register) => ({ op: "load", register, location: this.#location(), order: "plain" }));
    const at = s.at;
    const name = s.name("an expression");
    if (s.sees("(")) return this.#call(name, at);
    if (!this.#locals.has(name))
      s.fail(this.#shared.has(name) ? `write *${name} or atomic_load(${name}) to read the shared location` : `${name} is not declared`, at);
    return { op: "register", name };
  }

  /** An instruction whose result is the value of the expression. */
  #into(instruction: (register: string) => Instruction): Expression {
    const register = `tmp.${this.#unnamed++}`;
    this.#code.push(instruction(register));
    return { op: "register", name: register };
  }

  #call(name: string, at: number): Expression {
    const s = this.#scanner;
    const explicit = name.endsWith("_explicit");
    const base = explicit ? name.slice(0, -"_explicit".length) : name;
    s.expect("(");
    const order = (): Order => (explicit ? this.#nextOrder() : "seq_cst");
    const nothing: Expression = { op: "const", value: 0 };
    const close = <T>(result: T): T => {
      s.expect(")", supported);
      return result;
    };
    if (name === "atomic_thread_fence") {
      const strength = close(this.#order());
      // A relaxed fence does nothing.
      if (strength !== "relaxed") this.#code.push({ op: "fence", order: strength });
      return nothing;
    }
    if (base === "atomic_load") {
      const location = this.#location();
      const strength = order();
      if (strength === "release" || strength === "acq_rel") s.fail(`a load cannot be ${strength}`, at);
      return close(this.#into((register) => ({ op: "load", register, location, order: strength })));
    }
    const arithmetic: Readonly<Record<string, BinaryOperator>> = {
      atomic_fetch_add: "+",
      atomic_fetch_sub: "-",
      atomic_fetch_and: "&",
      atomic_fetch_or: "|",
      atomic_fetch_xor: "^",
    };
    const operator = arithmetic[base];
    if (base === "atomic_store" || base === "atomic_exchange" || operator !== undefined) {
      const location = this.#location();
      s.expect(",");
      const value = this.#expression();
      const strength = order();
      if (base === "atomic_store") {
        if (strength === "acquire" || strength === "acq_rel") s.fail(`a store cannot be ${strength}`, at);
        this.#code.push({ op: "store", location, value, order: strength });
        return close(nothing);
      }
      return close(
        this.#into((register) =>
          operator === undefined
            ? { op: "exchange", register, location, value, order: strength }
            : { op: "modify", register, location, operator, operand: value, order: strength },
        ),
      );
    }
    if (base === "atomic_compare_exchange_strong" || base === "atomic_compare_exchange_weak") {
      const location = this.#location();
      s.expect(",");
      s.expect("&", "the address of a local as the expected value");
      const expected = s.name("a local");
      if (!this.#locals.has(expected)) s.fail(`${expected} is not a local`, s.at, "the address of a local as the expected value");
      s.expect(",");
      const desired = this.#expression();
      const strength = order();
      const failure = explicit ? this.#nextOrder() : failureOrder(strength);
      if (failure === "release" || failure === "acq_rel") s.fail(`the order for failure cannot be ${failure}`, at);
      const old = this.#into((register) => ({
        op: "compareExchange",
        register,
        location,
        expected: { op: "register", name: expected },
        desired,
        order: strength,
        failure,
      }));
      const result = this.#into((register) => ({
        op: "set",
        register,
        value: { op: "binary", operator: "==", left: old, right: { op: "register", name: expected } },
      }));
      this.#code.push({ op: "set", register: expected, value: old });
      return close(result);
    }
    return s.fail(`${name} is not supported`, at, supported);
  }

  #location(): string {
    const s = this.#scanner;
    const at = s.at;
    const name = s.name("a shared location");
    if (!this.#shared.has(name)) s.fail(`${name} is not a parameter of this thread`, at);
    return name;
  }

  /** `, memory_order_…`. */
  #nextOrder(): Order {
    this.#scanner.expect(",");
    return this.#order();
  }

  #order(): Order {
    const s = this.#scanner;
    s.blank();
    const at = s.at;
    const name = s.name("a memory order");
    return (
      orders[name.replace(/^memory_order_/, "")] ??
      s.fail(
        `${name} is not a memory order`,
        at,
        Object.keys(orders)
          .map((each) => `memory_order_${each}`)
          .join(", "),
      )
    );
  }
}
