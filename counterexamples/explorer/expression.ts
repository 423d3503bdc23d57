/**
 * Expressions over a state, to search for one: `head == 2 && blocked(server)`. A small language of its own with a
 * recursive-descent parser; nothing of what is typed is ever run as code. Types are checked before anything is searched.
 *
 *   or := and ("||" and)*   and := not ("&&" not)*   not := "!" not | compare
 *   compare := sum (("==" | "!=" | "<" | "<=" | ">" | ">=") sum)?
 *   sum := product (("+" | "-") product)*   product := unary (("*" | "%") unary)*   unary := "-" unary | primary
 *   primary := number | "text" | true | false | nobody | name | function "(" … ")" | "(" or ")"
 *   name := word ("." word | "[" or "]")*
 */
import { blockedAnalysis } from "../../checker/properties/blocked.ts";
import { problemsOf } from "../../checker/properties/problems.ts";
import { nearestName } from "../../model/language/names.ts";
import { locationOf } from "../../model/system/interpret.ts";
import type { State } from "../../model/system/system.ts";
import { standsAt } from "../show.ts";
import type { Kind, Lookup } from "./lookup.ts";
import type { Value } from "./view.ts";

/** What is wrong with an expression, and where: a position in its text, from 0. */
export class ExpressionError extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/** Longer texts are refused. */
const longest = 1000;
const deepest = 100;

interface Node {
  readonly type: Kind;
  /** Known without a state. */
  readonly constant: Value | undefined;
  read(state: State): Value | undefined;
}

interface Token {
  readonly kind: "word" | "number" | "text" | "sign" | "end";
  readonly text: string;
  readonly at: number;
}

const tokenShape = /\s*(?:(?<word>[\p{L}_$][\p{L}\p{N}_$#]*)|(?<number>\d+)|(?<text>"[^"]*"|'[^']*')|(?<sign>==|!=|<=|>=|&&|\|\||[-+*%<>!()[\].,]))/uy;

function scan(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (text.slice(at).trim() !== "") {
    tokenShape.lastIndex = at;
    const groups = tokenShape.exec(text)?.groups;
    const start = at + (text.slice(at).length - text.slice(at).trimStart().length);
    const kind = (["word", "number", "text", "sign"] as const).find((each) => groups?.[each] !== undefined);
    if (groups === undefined || kind === undefined) {
      const wrong = text.charAt(start);
      throw new ExpressionError(
        start,
        wrong === "=" ? "write == to compare" : wrong === '"' || wrong === "'" ? "the text is not closed" : `"${wrong}" has no meaning here`,
      );
    }
    tokens.push({ kind, text: groups[kind] ?? "", at: start });
    at = tokenShape.lastIndex;
  }
  tokens.push({ kind: "end", text: "the end", at: text.length });
  return tokens;
}

/** Makes a predicate of an expression. Throws {@link ExpressionError}. */
export function compileExpression(text: string, lookup: Lookup): (state: State) => boolean {
  if (text.trim() === "") throw new ExpressionError(0, "type an expression, such as head == 2");
  if (text.length > longest) throw new ExpressionError(longest, `the expression is longer than ${longest} characters`);
  const node = new Parser(scan(text), lookup).parse();
  return (state) => node.read(state) === true;
}

const truth: Kind = { kind: "truth" };
const number: Kind = { kind: "number" };
const said: Readonly<Record<Kind["kind"], string>> = { number: "a number", truth: "true or false", text: "a text", list: "a list", unknown: "a value" };
const literal = (type: Kind, value: Value): Node => ({ type, constant: value, read: () => value });
const computed = (type: Kind, read: (state: State) => Value | undefined): Node => ({ type, constant: undefined, read });

class Parser {
  readonly #tokens: readonly Token[];
  readonly #lookup: Lookup;
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], lookup: Lookup) {
    this.#tokens = tokens;
    this.#lookup = lookup;
  }

  parse(): Node {
    const node = this.#or();
    const { kind, text, at } = this.#peek();
    if (kind !== "end") throw new ExpressionError(at, text === "=" ? "write == to compare" : `"${text}" is not expected here`);
    this.#need(node, "truth", 0, "the expression");
    return node;
  }

  #peek(): Token {
    return this.#tokens[this.#next] as Token;
  }

  #accept(...signs: readonly string[]): Token | null {
    const token = this.#peek();
    if (token.kind !== "sign" || !signs.includes(token.text)) return null;
    this.#next++;
    return token;
  }

  #expect(sign: string): void {
    const { text, at, kind } = this.#peek();
    if (this.#accept(sign) === null) throw new ExpressionError(at, `"${sign}" is missing before ${kind === "end" ? text : `"${text}"`}`);
  }

  #need(node: Node, kind: Kind["kind"], at: number, what: string): void {
    if (node.type.kind !== kind && node.type.kind !== "unknown") throw new ExpressionError(at, `${what} must be ${said[kind]}, and is ${said[node.type.kind]}`);
  }

  /** Operands between signs that bind to the left. */
  #chain(
    signs: readonly string[],
    kind: "truth" | "number",
    operand: () => Node,
    apply: (sign: string, left: Node, right: Node) => (state: State) => Value | undefined,
  ): Node {
    const { at } = this.#peek();
    let left = operand();
    for (let sign = this.#accept(...signs); sign !== null; sign = this.#accept(...signs)) {
      this.#need(left, kind, at, `what stands before ${sign.text}`);
      const right = operand();
      this.#need(right, kind, sign.at, `what stands after ${sign.text}`);
      left = computed(kind === "truth" ? truth : number, apply(sign.text, left, right));
    }
    return left;
  }

  #or(): Node {
    if (++this.#depth > deepest) throw new ExpressionError(this.#peek().at, "the expression is nested too deeply");
    const node = this.#chain(
      ["||"],
      "truth",
      () => this.#and(),
      (_, a, b) => (state) => a.read(state) === true || b.read(state) === true,
    );
    this.#depth--;
    return node;
  }

  #and(): Node {
    return this.#chain(
      ["&&"],
      "truth",
      () => this.#not(),
      (_, a, b) => (state) => a.read(state) === true && b.read(state) === true,
    );
  }

  #not(): Node {
    const sign = this.#accept("!");
    if (sign === null) return this.#compare();
    if (++this.#depth > deepest) throw new ExpressionError(sign.at, "the expression is nested too deeply");
    const node = this.#not();
    this.#depth--;
    this.#need(node, "truth", sign.at, "what stands after !");
    return computed(truth, (state) => node.read(state) !== true);
  }

  #compare(): Node {
    const left = this.#sum();
    const sign = this.#accept("==", "!=", "<=", ">=", "<", ">");
    if (sign === null) return left;
    const right = this.#sum();
    if (sign.text === "==" || sign.text === "!=") {
      this.#comparable(left, right, sign);
      const wanted = sign.text === "==";
      return computed(truth, (state) => same(left.read(state), right.read(state)) === wanted);
    }
    this.#need(left, "number", sign.at, `what stands before ${sign.text}`);
    this.#need(right, "number", sign.at, `what stands after ${sign.text}`);
    const holds = {
      "<": (a: number, b: number) => a < b,
      "<=": (a: number, b: number) => a <= b,
      ">": (a: number, b: number) => a > b,
      ">=": (a: number, b: number) => a >= b,
    }[sign.text as "<" | "<=" | ">" | ">="];
    return computed(truth, (state) => {
      const [a, b] = [left.read(state), right.read(state)];
      return typeof a === "number" && typeof b === "number" && holds(a, b);
    });
  }

  /** Two things of different types are never equal: whoever compares them has mistaken one of them. */
  #comparable(left: Node, right: Node, sign: Token): void {
    const [a, b] = [left.type, right.type];
    if (a.kind === "unknown" || b.kind === "unknown") return;
    if (a.kind !== b.kind) throw new ExpressionError(sign.at, `${said[a.kind]} is compared with ${said[b.kind]}`);
    for (const [node, other] of [
      [left, right],
      [right, left],
    ] as const) {
      const words = other.type.kind === "text" ? other.type.words : null;
      if (words !== null && typeof node.constant === "string" && !words.includes(node.constant))
        throw new ExpressionError(sign.at, `it is never "${node.constant}"; it can be ${words.join(", ")}`);
    }
  }

  #sum(): Node {
    return this.#chain(
      ["+", "-"],
      "number",
      () => this.#product(),
      (sign, a, b) => arithmetic(a, b, sign === "+" ? (x, y) => x + y : (x, y) => x - y),
    );
  }

  #product(): Node {
    return this.#chain(
      ["*", "%"],
      "number",
      () => this.#unary(),
      (sign, a, b) => arithmetic(a, b, sign === "*" ? (x, y) => x * y : (x, y) => x % y),
    );
  }

  #unary(): Node {
    const sign = this.#accept("-");
    if (sign === null) return this.#primary();
    const node = this.#primary();
    this.#need(node, "number", sign.at, "what stands after -");
    return computed(number, (state) => {
      const value = node.read(state);
      return typeof value === "number" ? 0 - value : undefined;
    });
  }

  #primary(): Node {
    const token = this.#peek();
    if (this.#accept("(") !== null) {
      const node = this.#or();
      this.#expect(")");
      return node;
    }
    this.#next++;
    switch (token.kind) {
      case "number":
        return literal(number, Number(token.text));
      case "text":
        return literal({ kind: "text", words: null }, token.text.slice(1, -1));
      case "word":
        if (token.text === "true" || token.text === "false") return literal(truth, token.text === "true");
        if (token.text === "nobody") return literal({ kind: "text", words: null }, null);
        return this.#accept("(") !== null ? this.#call(token) : this.#name(token);
      default:
        throw new ExpressionError(token.at, token.kind === "end" ? "the expression ends too early" : `"${token.text}" is not expected here`);
    }
  }

  #call(token: Token): Node {
    const args: Node[] = [];
    if (this.#accept(")") === null) {
      do args.push(this.#or());
      while (this.#accept(",") !== null);
      this.#expect(")");
    }
    const made = this.#function(token, args);
    if (made !== null) return made;
    const near = nearestName(token.text, functions);
    throw new ExpressionError(
      token.at,
      `there is no function ${token.text}${near === null ? `; there are ${functions.join(", ")}` : `; did you mean ${near}?`}`,
    );
  }

  #function({ text, at }: Token, args: readonly Node[]): Node | null {
    const lookup = this.#lookup;
    const { system } = lookup;
    const takes = (...forms: readonly string[]): void => {
      if (!forms.some((form) => form.split(",").filter((part) => part !== "").length === args.length))
        throw new ExpressionError(at, `${text} is written ${forms.map((form) => `${text}(${form})`).join(" or ")}`);
    };
    const thread = (): number => {
      const number = typeof args[0]?.constant === "string" ? lookup.thread(args[0].constant) : -1;
      if (number < 0) throw new ExpressionError(at, `${text} needs the name of a thread: ${system.processes.map(({ name }) => name).join(", ")}`);
      return number;
    };
    const standing = (number: number, state: State): "finished" | "stopped" | "ready" => {
      const process = system.processes[number];
      if (process === undefined) return "finished";
      const location = locationOf(state, process);
      return location === process.stopped ? "stopped" : location === process.locations.length ? "finished" : "ready";
    };
    switch (text) {
      case "length": {
        takes("list");
        this.#need(args[0] as Node, "list", at, "what length counts");
        return computed(number, (state) => {
          const value = args[0]?.read(state);
          return Array.isArray(value) ? value.length : undefined;
        });
      }
      case "has": {
        takes("list, value");
        this.#need(args[0] as Node, "list", at, "what has looks into");
        return computed(truth, (state) => {
          const value = args[0]?.read(state);
          const wanted = args[1]?.read(state);
          return Array.isArray(value) && value.some((each) => same(each, wanted));
        });
      }
      case "blocked": {
        takes("thread");
        const number = thread();
        return computed(truth, (state) => blockedAnalysis(system, state).waiting.some((waiting) => waiting.thread === number));
      }
      case "finished":
      case "stopped": {
        takes("thread");
        const number = thread();
        return computed(truth, (state) => standing(number, state) === text);
      }
      case "at": {
        takes('thread, "operation"', "thread, line");
        const process = system.processes[thread()];
        const place = args[1]?.constant;
        if (typeof place !== "string" && typeof place !== "number")
          throw new ExpressionError(at, 'at needs an operation in quotes, or a line: at(server, "ipc.wait"), at(server, 18)');
        const fits = (label: string, line: number): boolean => (typeof place === "number" ? line === place : label === place);
        const all = process?.locations ?? [];
        if (!all.some(({ label, site }) => fits(label, site.line)))
          throw new ExpressionError(
            at,
            `${process?.name} never stands there; it performs ${[...new Set(all.map(({ label, site }) => `${label} (line ${site.line})`))].join(", ")}`,
          );
        return computed(truth, (state) => {
          const location = process === undefined ? null : standsAt(process, state);
          return location !== null && fits(location.label, location.site.line);
        });
      }
      case "violated": {
        takes("", '"kind or invariant"');
        const named = args[0]?.constant;
        if (args.length > 0 && typeof named !== "string")
          throw new ExpressionError(at, 'violated takes a kind or the name of an invariant in quotes: violated("deadlock")');
        return computed(truth, (state) => problemsOf(system, state).some(({ kind, property }) => named === undefined || kind === named || property === named));
      }
      default:
        return null;
    }
  }

  /** A name is put together from its words and indices; an index may itself have to be computed in each state. */
  #name(first: Token): Node {
    const parts: (string | Node)[] = [first.text];
    for (;;) {
      if (this.#accept(".") !== null) {
        const { kind, text, at } = this.#peek();
        if (kind !== "word") throw new ExpressionError(at, "a name must follow the dot");
        this.#next++;
        parts.push(`.${text}`);
      } else if (this.#accept("[") !== null) {
        const index = this.#or();
        this.#expect("]");
        parts.push(index.constant === undefined ? index : `[${String(index.constant)}]`);
      } else break;
    }
    const lookup = this.#lookup;
    if (parts.every((part) => typeof part === "string")) return this.#element(parts, first);
    const known = lookup.names().find((name) => name.startsWith(`${String(parts[0])}[`) || name.startsWith(`${String(parts[0])}.`));
    if (known === undefined) throw this.#unknown(first.text, first.at);
    const prefix = parts.findIndex((part) => typeof part !== "string");
    const base = parts.slice(0, prefix).join("");
    const type = lookup.names().find((name) => name.startsWith(`${base}[`));
    return computed(type === undefined ? { kind: "unknown" } : (lookup.find(type)?.type ?? { kind: "unknown" }), (state) => {
      const name = parts.map((part) => (typeof part === "string" ? part : `[${String(part.read(state))}]`)).join("");
      return lookup.find(name)?.read(state);
    });
  }

  /** A whole name, or an element of the list that all but the last index names. */
  #element(parts: readonly string[], { at }: Token): Node {
    const name = parts.join("");
    const named = this.#lookup.find(name);
    if (named !== null) {
      const isConstant = this.#lookup.thread(name) >= 0 || this.#lookup.instance.objects.some(({ ref }) => ref.name === name);
      return { type: named.type, constant: isConstant ? name : undefined, read: named.read };
    }
    const index = /^\[(\d+)\]$/u.exec(parts.at(-1) ?? "");
    const list = index === null ? null : this.#lookup.find(parts.slice(0, -1).join(""));
    if (list === null || index === null || list.type.kind !== "list") throw this.#unknown(name, at);
    return computed({ kind: "unknown" }, (state) => {
      const value = list.read(state);
      return Array.isArray(value) ? (value as readonly Value[])[Number(index[1])] : undefined;
    });
  }

  #unknown(name: string, at: number): ExpressionError {
    const names = this.#lookup.names();
    const base = names.filter((each) => each.startsWith(`${name}[`) || each.startsWith(`${name}.`));
    if (base.length > 0) return new ExpressionError(at, `there is no ${name} alone; there are ${base.slice(0, 8).join(", ")}${base.length > 8 ? ", …" : ""}`);
    const near = nearestName(name, names);
    return new ExpressionError(at, `there is nothing named ${name}${near === null ? "" : `; did you mean ${near}?`} (words of an enum stand in quotes)`);
  }
}

const functions = ["length", "has", "blocked", "finished", "stopped", "at", "violated"] as const;

function arithmetic(left: Node, right: Node, apply: (a: number, b: number) => number): (state: State) => number | undefined {
  return (state) => {
    const [a, b] = [left.read(state), right.read(state)];
    return typeof a === "number" && typeof b === "number" ? apply(a, b) + 0 : undefined;
  };
}

function same(a: Value | undefined, b: Value | undefined): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, index) => each === (b as readonly unknown[])[index]);
  return a !== undefined && a === b;
}
