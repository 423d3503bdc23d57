/**
 * Evaluates TLA+ modules as the exporter writes them, independently of it: a parser for the part of the language that such
 * modules use, which turns each definition into a JavaScript function, and a search over the states that `Next` reaches.
 * Types are checked where TLC would: conditions are booleans, arithmetic is on numbers, only like values are compared, and
 * a function is applied within its domain.
 */

/** A function or sequence: its values, and its first index. */
class Fun {
  readonly first: number;
  readonly values: readonly unknown[];
  constructor(first: number, values: readonly unknown[]) {
    this.first = first;
    this.values = values;
  }
}
const runtime = {
  bool(value: unknown): boolean {
    if (typeof value !== "boolean") throw new TypeError(`${JSON.stringify(value)} is no boolean`);
    return value;
  },
  number(value: unknown): number {
    if (typeof value !== "number" || !Number.isSafeInteger(value)) throw new TypeError(`${JSON.stringify(value)} is no number`);
    return value;
  },
  equal(left: unknown, right: unknown): boolean {
    if (typeof left !== typeof right) throw new TypeError("values of two types are compared");
    return JSON.stringify(left) === JSON.stringify(right);
  },
  apply(fun: unknown, index: unknown): unknown {
    if (!(fun instanceof Fun)) throw new TypeError("what is applied is no function");
    const value = fun.values[runtime.number(index) - fun.first];
    if (value === undefined) throw new RangeError(`${String(index)} is outside of the domain`);
    return value;
  },
  put(fun: unknown, index: unknown, value: unknown): Fun {
    runtime.apply(fun, index);
    const { first, values } = fun as Fun;
    return new Fun(first, values.with(runtime.number(index) - first, value));
  },
  field(record: unknown, name: string): unknown {
    const value = (record as Record<string, unknown>)[name];
    if (value === undefined) throw new TypeError(`there is no field ${name}`);
    return value;
  },
  except(record: unknown, changes: Record<string, unknown>): object {
    for (const name of Object.keys(changes)) runtime.field(record, name);
    return { ...(record as object), ...changes };
  },
  range: (from: number, to: number): readonly number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i),
  comprehend: (domain: readonly number[], body: (i: number) => unknown): Fun => new Fun(domain[0] ?? 0, domain.map(body)),
  tuple: (...values: readonly unknown[]): Fun => new Fun(1, values),
  append: (sequence: unknown, value: unknown): Fun => new Fun(1, [...(sequence as Fun).values, value]),
  length: (sequence: unknown): number => (sequence as Fun).values.length,
  divide: (left: number, right: number): number => Math.floor(left / right),
  modulo(left: number, right: number): number {
    if (right <= 0) throw new RangeError("% needs a positive divisor");
    return left - right * Math.floor(left / right);
  },
};

const token = /\s*(\|->|\\in\b|\\div\b|\/\\|\\\/|==|\/=|<=|>=|<<|>>|\.\.|"[^"]*"|\d+|[A-Za-z_]\w*'?|[^\s])/uy;

/** Turns an expression into JavaScript. `names` are bound inside, everything else is a definition or a variable. */
class Parser {
  readonly #tokens: string[] = [];
  #at = 0;
  readonly #variables: ReadonlySet<string>;
  constructor(text: string, variables: ReadonlySet<string>) {
    this.#variables = variables;
    token.lastIndex = 0;
    for (let found = token.exec(text); found !== null; found = token.exec(text)) if (found[1] !== undefined) this.#tokens.push(found[1]);
  }
  all(): string {
    const js = this.#or();
    if (this.#at < this.#tokens.length) throw new SyntaxError(`unexpected ${this.#tokens.slice(this.#at, this.#at + 5).join(" ")}`);
    return js;
  }
  #is(text: string): boolean {
    if (this.#tokens[this.#at] !== text) return false;
    this.#at++;
    return true;
  }
  #need(text: string): void {
    if (!this.#is(text)) throw new SyntaxError(`${text} expected at ${this.#tokens.slice(this.#at, this.#at + 5).join(" ")}`);
  }
  #name(): string {
    return this.#tokens[this.#at++] ?? "";
  }
  #or(): string {
    this.#is("\\/");
    let js = this.#and();
    while (this.#is("\\/")) js = `(bool(${js}) || bool(${this.#and()}))`;
    return js;
  }
  #and(): string {
    this.#is("/\\");
    let js = this.#comparison();
    while (this.#is("/\\")) js = `(bool(${js}) && bool(${this.#comparison()}))`;
    return js;
  }
  #comparison(): string {
    if (this.#is("~")) return `!bool(${this.#comparison()})`;
    const primed = /^(\w+)'$/u.exec(this.#tokens[this.#at] ?? "");
    if (primed !== null) {
      this.#at++;
      this.#need("=");
      return `assign("${primed[1]}", ${this.#sum()})`;
    }
    const left = this.#sum();
    if (this.#is("=")) return `equal(${left}, ${this.#sum()})`;
    if (this.#is("/=")) return `!equal(${left}, ${this.#sum()})`;
    for (const operator of ["<=", ">=", "<", ">"]) if (this.#is(operator)) return `(number(${left}) ${operator} number(${this.#sum()}))`;
    return left;
  }
  #sum(): string {
    let js = this.#product();
    for (;;) {
      if (this.#is("+")) js = `(number(${js}) + number(${this.#product()}))`;
      else if (this.#is("-")) js = `(number(${js}) - number(${this.#product()}))`;
      else if (this.#is("..")) js = `range(${js}, ${this.#product()})`;
      else return js;
    }
  }
  #product(): string {
    let js = this.#power();
    for (;;) {
      if (this.#is("*")) js = `(number(${js}) * number(${this.#power()}))`;
      else if (this.#is("%")) js = `modulo(${js}, ${this.#power()})`;
      else if (this.#is("\\div")) js = `divide(${js}, ${this.#power()})`;
      else return js;
    }
  }
  #power(): string {
    if (this.#is("-")) return `(-number(${this.#power()}) + 0)`;
    const base = this.#postfix();
    return this.#is("^") ? `(number(${base}) ** number(${this.#postfix()}))` : base;
  }
  #postfix(): string {
    let js = this.#primary();
    for (;;) {
      if (this.#is(".")) js = `field(${js}, "${this.#name()}")`;
      else if (this.#is("[")) {
        js = `apply(${js}, ${this.#or()})`;
        this.#need("]");
      } else return js;
    }
  }
  #list(end: string): readonly string[] {
    const items: string[] = [];
    if (this.#is(end)) return items;
    do items.push(this.#or());
    while (this.#is(","));
    this.#need(end);
    return items;
  }
  #primary(): string {
    if (this.#is("(")) {
      const js = this.#or();
      this.#need(")");
      return `(${js})`;
    }
    if (this.#is("<<")) return `tuple(${this.#list(">>").join(", ")})`;
    if (this.#is("IF")) {
      const condition = this.#or();
      this.#need("THEN");
      const yes = this.#or();
      this.#need("ELSE");
      return `(bool(${condition}) ? ${yes} : ${this.#or()})`;
    }
    if (this.#is("LET")) {
      const name = this.#name();
      this.#need("==");
      const value = this.#or();
      this.#need("IN");
      return `((${name}) => ${this.#or()})(${value})`;
    }
    if (this.#is("[")) return this.#bracket();
    const name = this.#name();
    if (/^\d|^"/u.test(name)) return name;
    if (name === "TRUE" || name === "FALSE") return name.toLowerCase();
    if (!/^\w+$/u.test(name)) throw new SyntaxError(`unexpected ${name}`);
    const called = name === "Append" ? "append" : name === "Len" ? "length" : name;
    if (this.#is("(")) return `${called}(${this.#list(")").join(", ")})`;
    return this.#variables.has(name) ? `now.${name}` : /^[A-Z]/u.test(name) ? `${name}()` : name;
  }
  /** A record, a function, or one that is changed. */
  #bracket(): string {
    if (this.#tokens[this.#at + 1] === "|->") {
      const fields: string[] = [];
      do {
        const name = this.#name();
        this.#need("|->");
        fields.push(`${name}: ${this.#or()}`);
      } while (this.#is(","));
      this.#need("]");
      return `({ ${fields.join(", ")} })`;
    }
    if (this.#tokens[this.#at + 1] === "\\in") {
      const name = this.#name();
      this.#need("\\in");
      const domain = this.#or();
      this.#need("|->");
      const body = this.#or();
      this.#need("]");
      return `comprehend(${domain}, (${name}) => ${body})`;
    }
    const old = this.#or();
    this.#need("EXCEPT");
    const fields: string[] = [];
    let element: string | null = null;
    do {
      this.#need("!");
      if (this.#is("[")) {
        const index = this.#or();
        this.#need("]");
        this.#need("=");
        element = `put(${old}, ${index}, ${this.#or()})`;
      } else {
        this.#need(".");
        const name = this.#name();
        this.#need("=");
        fields.push(`${name}: ${this.#or()}`);
      }
    } while (this.#is(","));
    this.#need("]");
    return element ?? `except(${old}, { ${fields.join(", ")} })`;
  }
}

export interface Explored {
  readonly states: number;
  /** Actions that were enabled, over all states. */
  readonly transitions: number;
  /** Names of the invariants that some state violates. */
  readonly violated: ReadonlySet<string>;
}

/** Explores a module; its invariants are named in the configuration. */
export function explore(module: string, configuration: string): Explored {
  const lines = module.split("\n").map((line) => line.replace(/\\\*.*$/u, "").trimEnd());
  const declared = lines.slice(
    lines.indexOf("VARIABLES") + 1,
    lines.findIndex((line) => line.startsWith("vars ==")),
  );
  const variables = new Set(declared.flatMap((line) => /\w+/u.exec(line)?.[0] ?? []));
  const definitions = lines
    .join("\n")
    .split(/\n(?=\S)/u)
    .flatMap((text) => /^(\w+)(?:\(([^)]*)\))? ==([\s\S]*)$/u.exec(text.replace(/\n====[\s\S]*/u, "")) ?? [])
    .filter((_, i) => i % 4 !== 0);
  const functions: string[] = [];
  let init = "";
  let actions: readonly string[] = [];
  for (let i = 0; i < definitions.length; i += 3) {
    const [name = "", parameters = "", body = ""] = definitions.slice(i, i + 3);
    if (name === "vars" || name === "Spec" || name === "TypeAliases") continue;
    // The equations of Init say what each variable is.
    if (name === "Init") init = new Parser(body.replace(/\/\\ (\w+) = /gu, "/\\ $1' = "), variables).all();
    else if (name === "Next") actions = [...body.matchAll(/Action_\w+/gu)].map(([action]) => action);
    else functions.push(`const ${name} = (${parameters}) => ${new Parser(body, variables).all()};`);
  }
  const invariants = /INVARIANTS\n((?: .*\n)+)/u.exec(configuration)?.[1]?.trim().split(/\s+/u) ?? [];
  const { start, successors, holds } = new Function(
    ...Object.keys(runtime),
    `let now = {}, next = {};
    const assign = (name, value) => { next[name] = value; return true; };
    ${functions.join("\n")}
    const invariants = { ${invariants.map((name) => `${name}: () => bool(${name}())`).join(", ")} };
    const actions = [${actions.join(", ")}];
    return {
      start() { next = {}; ${init}; return next; },
      successors(state) {
        now = state;
        return actions.flatMap((action) => { next = {}; return bool(action()) ? [next] : []; });
      },
      holds(state, name) { now = state; return invariants[name](); },
    };`,
  )(...Object.values(runtime)) as { start(): object; successors(state: object): readonly object[]; holds(state: object, name: string): boolean };
  const violated = new Set<string>();
  const seen = new Set<string>();
  const queue: object[] = [];
  let transitions = 0;
  const visit = (state: object): void => {
    if (Object.keys(state).length !== variables.size) throw new Error("a variable has no next value");
    const key = JSON.stringify(Object.entries(state).sort(([a], [b]) => (a < b ? -1 : 1)));
    if (seen.has(key)) return;
    seen.add(key);
    for (const name of invariants) if (!holds(state, name)) violated.add(name);
    queue.push(state);
  };
  visit(start());
  for (let state = queue.shift(); state !== undefined; state = queue.shift())
    for (const next of successors(state)) {
      transitions++;
      visit(next);
    }
  return { states: seen.size, transitions, violated };
}
