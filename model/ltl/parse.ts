/**
 * Parses formulas in the notation of SPIN and of TLA+: `[]` (G), `<>` (F), `X`, `!`, `U`, `W`, `R` (V), `&&`, `||`, `->`,
 * `<->`. Operators of one side bind most, then U, W and R (to the right), then `&&`, `||`, `->` (to the right), `<->`.
 */
import { always, and, eventually, falsity, type Formula, not, or, truth } from "./formula.ts";

/** What is wrong with a formula, where, and what to do about it. */
export class FormulaError extends Error {
  /** Position in the text, from 0. */
  readonly at: number;
  /** A name that is no predicate. */
  readonly unknown: string | null;
  constructor(at: number, message: string, unknown: string | null = null) {
    super(message);
    this.at = at;
    this.unknown = unknown;
  }
}

interface Token {
  readonly text: string;
  readonly at: number;
}

/** Longest first. */
const symbols = ["<->", "[]", "<>", "->", "&&", "||", "/\\", "\\/", "!", "~", "(", ")"];
const reserved: ReadonlySet<string> = new Set(["X", "U", "W", "R", "V", "G", "F", "true", "false"]);
const sameAs: Readonly<Record<string, string>> = { "/\\": "&&", "\\/": "||", "~": "!", G: "[]", F: "<>", V: "R" };

function tokens(text: string): readonly Token[] {
  const found: Token[] = [];
  for (let at = 0; at < text.length; ) {
    if (/\s/.test(text.charAt(at))) {
      at++;
      continue;
    }
    const word = /^[A-Za-z_$][\w$]*/.exec(text.slice(at))?.[0];
    const symbol = word ?? symbols.find((each) => text.startsWith(each, at));
    if (symbol === undefined) {
      const meant: Readonly<Record<string, string>> = { "&": "&&", "|": "||", "=": "->" };
      const hint = meant[text.charAt(at)];
      throw new FormulaError(at, `"${text.charAt(at)}" is no operator of formulas${hint === undefined ? "" : `; write ${hint}`}`);
    }
    found.push({ text: sameAs[symbol] ?? symbol, at });
    at += symbol.length;
  }
  return found;
}

/** The formula of a text; names become numbers by `atom`, which gives null for a name that there is not. */
export function parseFormula(text: string, names: readonly string[]): Formula {
  return new Parser(text, names).formula();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #names: readonly string[];
  readonly #end: number;
  #next = 0;

  constructor(text: string, names: readonly string[]) {
    this.#tokens = tokens(text);
    this.#names = names;
    this.#end = text.length;
  }

  formula(): Formula {
    const whole = this.#equivalence();
    const rest = this.#tokens[this.#next];
    if (rest !== undefined)
      throw new FormulaError(rest.at, rest.text === ")" ? "this parenthesis closes nothing" : `an operator is missing before "${rest.text}"`);
    return whole;
  }

  #take(...texts: readonly string[]): string | null {
    const token = this.#tokens[this.#next];
    if (token === undefined || !texts.includes(token.text)) return null;
    this.#next++;
    return token.text;
  }

  #equivalence(): Formula {
    let left = this.#implication();
    while (this.#take("<->") !== null) {
      const right = this.#implication();
      left = or(and(left, right), and(not(left), not(right)));
    }
    return left;
  }
  #implication(): Formula {
    const left = this.#disjunction();
    return this.#take("->") === null ? left : or(not(left), this.#implication());
  }
  #disjunction(): Formula {
    let left = this.#conjunction();
    while (this.#take("||") !== null) left = or(left, this.#conjunction());
    return left;
  }
  #conjunction(): Formula {
    let left = this.#binary();
    while (this.#take("&&") !== null) left = and(left, this.#binary());
    return left;
  }
  #binary(): Formula {
    const left = this.#unary();
    const operator = this.#take("U", "W", "R");
    if (operator === null) return left;
    const right = this.#binary();
    switch (operator) {
      case "U":
        return { op: "until", left, right };
      case "R":
        return { op: "release", left, right };
      default:
        // p W q: q releases p or q.
        return { op: "release", left: right, right: or(left, right) };
    }
  }
  #unary(): Formula {
    const token = this.#tokens[this.#next];
    if (token === undefined) throw new FormulaError(this.#end, this.#end === 0 ? "the formula is empty" : "the formula ends where an operand is missing");
    this.#next++;
    switch (token.text) {
      case "!":
        return not(this.#unary());
      case "[]":
        return always(this.#unary());
      case "<>":
        return eventually(this.#unary());
      case "X":
        return { op: "next", of: this.#unary() };
      case "(": {
        const inside = this.#equivalence();
        const closing = this.#tokens[this.#next];
        if (this.#take(")") === null) throw new FormulaError(closing?.at ?? this.#end, `the parenthesis at column ${token.at + 1} is not closed here`);
        return inside;
      }
      case "true":
        return truth;
      case "false":
        return falsity;
      default:
        return this.#atom(token);
    }
  }

  #atom({ text, at }: Token): Formula {
    const atom = this.#names.indexOf(text);
    if (atom >= 0) return { op: "atom", atom };
    if (reserved.has(text) || !/^[A-Za-z_$]/.test(text)) throw new FormulaError(at, `"${text}" has no operand on its left`);
    throw new FormulaError(at, `there is no predicate "${text}"`, text);
  }
}

/** Names that formulas cannot use for predicates, because they are operators. */
export function isReserved(name: string): boolean {
  return reserved.has(name) || !/^[A-Za-z_$][\w$]*$/.test(name);
}
