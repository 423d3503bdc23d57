/**
 * Random protocols as source text. Every decision is read off a tape of numbers, so that a shorter tape with smaller
 * numbers gives a smaller protocol: fast-check generates the tapes, and disagreements are reduced by cutting them.
 * Alternatives are ordered simplest first; an exhausted tape reads as zeros. What belongs to a kernel stands in kernels/.
 */
import { kernels } from "./kernels/index.ts";
import { domainOf, type RandomKernel, type Type, type Writer } from "./kernels/kernel.ts";

interface Variable {
  readonly name: string;
  readonly type: Type;
  readonly mutable: boolean;
}
/** A cell as an expression of the source, e.g. `ring.at(1)`. */
interface Cell {
  readonly text: string;
  readonly type: Type;
}

/** Declared once in every generated module. */
const prelude = `import { type Cell, array, assume, bool, check, choose, fence, flag, ghost, int, local, nobody, oneOf, protocol, queue, record, step, threadId, u8, waitUntil, wrapping } from "ipc-check";
${kernels.map(({ imports }) => imports).join("\n")}

const double = (value: number) => (value * 2) % 3;
const larger = (a: number, b: number) => {
  if (a > b) return a;
  return b;
};
type Color = "red" | "green" | "blue";
function nextColor(color: Color): Color {
  switch (color) {
    case "red":
      return "green";
    case "green":
      return "blue";
    default:
      return "red";
  }
}
const pairOf = (a: number, ok = false) => ({ a, ok });
function* bump(cell: Cell<number>, by = 1) {
  const old = yield* cell.load();
  yield* cell.store((old + by) % 3);
  return old;
}
function* twice(cell: Cell<number>) {
  const first = yield* bump(cell);
  return (first + (yield* bump(cell, 2))) % 3;
}
function* until(cell: Cell<number>, value: number) {
  while ((yield* cell.load()) !== value) {}
}
function* swap(cell: Cell<number>, value: number) {
  let tries = 0;
  while (tries < 2) {
    const old = yield* cell.compareExchange(value, 2 - value);
    if (old === value) return true;
    tries = tries + 1;
  }
  return false;
}
`;

/** Reads decisions and writes one protocol. */
class ProtocolWriter implements Writer {
  readonly #tape: readonly number[];
  #at = 0;
  #names = 0;
  readonly #cells: Cell[] = [];
  readonly #ghosts: string[] = [];
  readonly #queues: string[] = [];
  readonly #threads: { readonly name: string; readonly count: number | null }[] = [];
  readonly #kernel: RandomKernel;
  message: Type = "int";
  objects: readonly string[] = [];
  thread = 0;
  #plain = false;
  #checks = false;
  #assumes = false;
  /** Locals in scope. */
  #scope: Variable[] = [];
  #loops: (string | null)[] = [];
  #budget = 0;
  #replica = false;

  /** Of one kernel only, operations are mostly that kernel's. */
  readonly #share: RandomKernel["share"];

  /** Some thread has replicas, and hardly anything tells them apart. */
  readonly #alike: boolean;

  constructor(tape: readonly number[], choice: readonly RandomKernel[], alike: boolean) {
    this.#alike = alike;
    this.#tape = tape;
    const chosen = this.oneOf(...(choice as readonly [RandomKernel, ...RandomKernel[]]));
    const other = choice.find(({ isRare = false }) => !isRare);
    this.#kernel = chosen.isRare === true && other !== undefined && this.mostly(8) ? other : chosen;
    this.#share = choice.length === 1 ? { operation: 1, keep: 1 } : this.#kernel.share;
  }

  below(limit: number): number {
    const value = this.#tape[this.#at++] ?? 0;
    return value % limit;
  }
  oneOf<T>(first: T, ...others: readonly T[]): T {
    return [first, ...others][this.below(others.length + 1)] as T;
  }
  /** True in one of `n` cases; false is the simple case. */
  rarely(n: number): boolean {
    return this.below(n) === n - 1;
  }
  mostly(n: number): boolean {
    return this.below(n) !== n - 1;
  }
  fresh(): string {
    return `v${this.#names++}`;
  }

  /** The protocol as an expression of the source. */
  protocol(name: string): string {
    this.message = this.oneOf("int", "int", "boolean", "color", "pair");
    const scheduling = this.oneOf("free", "free", "free", "free", "free", "priority", "round-robin");
    const choice = this.#kernel.cpus;
    const cpus = scheduling === "free" ? this.oneOf(...choice) : this.oneOf(choice[0], ...choice);
    this.#plain = this.rarely(6);
    this.#checks = this.rarely(4);
    this.#assumes = this.rarely(6);
    const memory = this.#memory();
    const { kernel, objects } = this.#kernel.declare(this, cpus);
    this.objects = Object.keys(objects);
    const declared = Object.entries(objects).map(([object, text]) => `${object}: ${text}`);
    const count = this.#alike ? this.oneOf(2, 1, 2) : this.oneOf(2, 2, 3);
    for (let index = 0; index < count; index++) {
      const replicas = this.#alike ? (index === 0 ? this.oneOf(2, 3) : this.oneOf(null, null, null, 2)) : this.rarely(6) && count === 2 ? 2 : null;
      this.#threads.push({ name: `t${index}`, count: replicas });
    }
    const threads = this.#threads.map((thread, number) => {
      this.thread = number;
      return this.#thread(thread, cpus, scheduling);
    });
    const invariants = this.#invariants();
    return `protocol(${JSON.stringify(name)}, {
  kernel: ${kernel},
  parameters: { limit: 2 },
  scheduling: "${scheduling}",
${declared.length === 0 ? "" : `  objects: { ${declared.join(", ")} },\n`}  memory: {${memory.join(", ")}},
  threads: {
${threads.join("")}  },
${invariants}})`;
  }

  #memory(): readonly string[] {
    const declared: string[] = [];
    for (let index = 0, count = 1 + this.below(4); index < count; index++) {
      const name = `m${index}`;
      const kind = this.oneOf("int", "int", "int", "flag", "wrapping", "color", "array", "record", "records", "thread", "queue", "ghost", "ghost");
      const add = (text: string, type: Type): void => void this.#cells.push({ text, type });
      switch (kind) {
        case "int":
          declared.push(`${name}: int(0, 2${this.rarely(3) ? ", 1" : ""})`);
          add(name, "int");
          break;
        case "flag":
          declared.push(`${name}: ${this.oneOf("flag", "bool(true)")}`);
          add(name, "boolean");
          break;
        case "wrapping":
          declared.push(`${name}: wrapping(3)`);
          add(name, "int");
          break;
        case "color":
          declared.push(`${name}: ${domainOf("color")}`);
          add(name, "color");
          break;
        case "thread":
          declared.push(`${name}: threadId`);
          add(name, "thread");
          break;
        case "array":
          declared.push(`${name}: array(2, int(0, 2))`);
          add(`${name}.at(0)`, "int");
          add(`${name}.at(#)`, "int");
          break;
        case "record":
          declared.push(`${name}: record({ x: int(0, 2), ok: flag })`);
          add(`${name}.x`, "int");
          add(`${name}.ok`, "boolean");
          break;
        case "records":
          declared.push(`${name}: array(2, record({ x: int(0, 2), color: ${domainOf("color")} }))`);
          add(`${name}.at(#).x`, "int");
          add(`${name}.at(1).color`, "color");
          break;
        case "queue":
          declared.push(`${name}: queue(int(0, 2), 2)`);
          this.#queues.push(name);
          break;
        case "ghost":
          declared.push(`${name}: ghost(int(0, 3))`);
          this.#ghosts.push(name);
          break;
      }
    }
    if (!this.#cells.some(({ type }) => type === "int")) {
      declared.push("word: int(0, 2)");
      this.#cells.push({ text: "word", type: "int" });
    }
    return declared
      .map((each) => ` ${each}`)
      .concat(" ")
      .filter((each) => each !== " ");
  }

  #invariants(): string {
    if (!this.rarely(4)) return "";
    const names = [...this.#ghosts, ...this.#cells.filter(({ text, type }) => type === "int" && /^\w+$/.test(text)).map(({ text }) => text)];
    const [name] = names;
    if (name === undefined) return "";
    return `  invariants: { small: ({ ${name}, limit }) => ${name} < limit + ${this.below(2)} },\n`;
  }

  #thread({ name, count }: { readonly name: string; readonly count: number | null }, cpus: number, scheduling: string): string {
    const fields = this.#alike && scheduling !== "priority" && this.rarely(2) ? [] : [`cpu: ${this.below(cpus)}`];
    if (count !== null) fields.push(`count: ${count}`);
    if (scheduling === "priority") fields.push(`priority: ${this.below(2)}`);
    if (this.rarely(7)) fields.push("untrusted: true");
    this.#scope = [];
    this.#loops = [];
    this.#budget = 3 + this.below(6);
    this.#replica = count !== null;
    const body = this.#body();
    const used = [
      "self",
      "index",
      "threads",
      "limit",
      ...this.#kernel.context,
      ...this.objects,
      ...this.#queues,
      ...this.#ghosts,
      ...new Set(this.#cells.map(({ text }) => text.split(".")[0] ?? "")),
    ].filter((each) => new RegExp(`\\b${each}\\b`).test(body));
    return `    ${name}: {
      ${fields
        .map((field) => `${field}, `)
        .join("")
        .trimEnd()}
      *run({ ${used.join(", ")} }) {
${body}      },
    },
`;
  }

  /** A straight body, or a loop around it. */
  #body(): string {
    const indent = "        ";
    switch (this.below(4)) {
      case 0:
        return this.#block(indent, 2 + this.below(4));
      case 1:
      case 2: {
        this.#loops.push(null);
        const body = this.#loopBody(`${indent}  `, 1 + this.below(4));
        return `${indent}while (true) {\n${body}${indent}}\n`;
      }
      default: {
        const before = this.#statement(indent);
        this.#loops.push(null);
        const body = this.#loopBody(`${indent}  `, 1 + this.below(3));
        return `${before}${indent}while (true) {\n${body}${indent}}\n`;
      }
    }
  }

  #block(indent: string, length: number): string {
    const outer = this.#scope;
    this.#scope = [...outer];
    let text = "";
    for (let index = 0; index < length; index++) text += this.#statement(indent);
    this.#scope = outer;
    return text;
  }

  /** Begins with an operation, so that no way round a loop is endless local computation. */
  #loopBody(indent: string, length: number): string {
    return `${indent}${this.#operation()};\n${this.#block(indent, length)}`;
  }

  #statement(indent: string): string {
    if (this.#budget-- <= 0) return `${indent}${this.#operation()};\n`;
    const inner = `${indent}  `;
    const block = (length: number): string => `{\n${this.#block(inner, length)}${indent}}`;
    switch (this.below(27)) {
      case 0:
      case 1:
      case 2:
        return `${indent}${this.#operation()};\n`;
      case 3:
      case 4:
      case 5:
        return this.#keep(indent);
      case 6:
        return this.#declare(indent);
      case 7:
      case 8:
        return this.#assign(indent);
      case 9:
      case 10:
        return `${indent}if (${this.#condition()}) ${block(1 + this.below(2))}${this.rarely(2) ? ` else ${block(1)}` : ""}\n`;
      case 11: {
        const name = this.fresh();
        this.#loops.push(null);
        const outer = this.#scope;
        this.#scope = [...outer, { name, type: "int", mutable: false }];
        const text = `${indent}for (let ${name} = 0; ${name} < 2; ${name}++) ${block(1 + this.below(2))}\n`;
        this.#scope = outer;
        this.#loops.pop();
        return text;
      }
      case 12: {
        this.#loops.push(null);
        const text = `${indent}while (${this.#condition()}) {\n${this.#loopBody(inner, 1 + this.below(2))}${indent}}\n`;
        this.#loops.pop();
        return text;
      }
      case 13: {
        const label = this.fresh();
        this.#loops.push(label, null);
        const text = `${indent}${label}: while (${this.#condition()}) {\n${inner}do {\n${this.#loopBody(`${inner}  `, 1)}${inner}} while (${this.#condition()});\n${inner}${this.#operation()};\n${indent}}\n`;
        this.#loops.splice(-2);
        return text;
      }
      case 14: {
        const label = this.#loops.findLast((each) => each !== null);
        if (this.#loops.length === 0) return `${indent}if (${this.#condition()}) return;\n`;
        const jump = this.oneOf("break", "continue");
        return `${indent}if (${this.#condition()}) ${jump}${label !== undefined && this.rarely(2) ? ` ${label}` : ""};\n`;
      }
      case 15: {
        const cases = [
          `${inner}case "red":\n${this.#block(`${inner}  `, 1)}${inner}  break;\n`,
          `${inner}case "green":\n${this.#block(`${inner}  `, 1)}${this.rarely(2) ? "" : `${inner}  break;\n`}`,
          `${inner}default:\n${this.#block(`${inner}  `, 1)}`,
        ];
        return `${indent}switch (${this.expression("color")}) {\n${cases.slice(0, 2 + this.below(2)).join("")}${indent}}\n`;
      }
      case 16: {
        const name = this.fresh();
        const outer = this.#scope;
        this.#loops.push(null);
        this.#scope = [...outer, { name, type: "int", mutable: false }];
        const text = `${indent}for (const ${name} of [0, 2]) ${block(1)}\n`;
        this.#scope = outer;
        this.#loops.pop();
        return text;
      }
      case 17:
        if (this.#checks) return `${indent}check(${this.expression("boolean")}, "check ${this.#names++}");\n`;
        return this.#keep(indent);
      case 18:
        if (this.#assumes) return `${indent}assume(${this.expression("boolean")});\n`;
        return this.#assign(indent);
      case 19:
      case 20: {
        const [ghost] = this.#ghosts;
        if (ghost === undefined) return `${indent}${this.#operation()};\n`;
        return indent + this.oneOf(`${ghost}.value = ${this.expression("int")};\n`, `${ghost}.value += 1;\n`, `${ghost}.value = (${ghost}.value + 1) % 3;\n`);
      }
      case 21:
        return `${indent}${this.#waiting()};\n`;
      case 22:
        return `${indent}${this.#guardedStep()};\n`;
      case 23: {
        const name = this.fresh();
        const text = `${indent}const ${name} = yield* ${this.oneOf("bump", "twice", "swap")}(${this.#cellText("int")}`;
        return text.includes("swap") ? `${text}, ${this.below(3)});\n` : `${text});\n`;
      }
      case 24:
        return `${indent}${this.expression("boolean")} && (yield* ${this.#cellText("int")}.store(${this.expression("int")}));\n`;
      case 25:
        return `${indent}if (((yield* ${this.#cellText("int")}.load()) + (yield* ${this.#cellText("int")}.load())) % 2 === 0) ${block(1)}\n`;
      default: {
        const name = this.fresh();
        const text = `${indent}let ${name} = local(int(0, 2), ${this.below(3)});\n`;
        this.#scope.push({ name, type: "int", mutable: true });
        return `${text}${indent}${name}${this.oneOf("++", " += 1", ` = 2 - ${name}`, "--")};\n`;
      }
    }
  }

  /** Performs an operation and keeps what it yields. */
  #keep(indent: string): string {
    const name = this.fresh();
    const add = (type: Type, mutable: boolean): void => void this.#scope.push({ name, type, mutable });
    if (this.rarely(this.#share.keep)) return this.#kernel.keep(this, indent, name);
    const cell = this.oneOf(...(this.#cells as [Cell, ...Cell[]]));
    const text = this.#place(cell.text);
    const mutable = this.rarely(2);
    const loads = this.#plain ? this.oneOf("load()", "read()") : "load()";
    const operation = this.oneOf(
      `yield* ${text}.${loads}`,
      `yield* choose(${this.#literals(cell.type)})`,
      `yield* ${text}.exchange(${this.expression(cell.type)})`,
      `yield* ${text}.compareExchange(${this.expression(cell.type)}, ${this.expression(cell.type)})`,
      cell.type === "int" ? `yield* ${text}.fetchAdd(${this.oneOf("1", "-1", this.expression("int"))})` : `yield* ${text}.load()`,
    );
    add(cell.type, mutable);
    return `${indent}${mutable ? "let" : "const"} ${name} = ${operation};\n`;
  }

  #declare(indent: string): string {
    const name = this.fresh();
    const type = this.oneOf<Type>("int", "boolean", "color", "thread", "pair");
    const text = `${indent}let ${name} = ${this.expression(type)};\n`;
    this.#scope.push({ name, type, mutable: true });
    return text;
  }

  #assign(indent: string): string {
    const targets = this.#scope.filter(({ mutable }) => mutable);
    if (targets.length === 0) return this.#declare(indent);
    const { name, type } = targets[this.below(targets.length)] as Variable;
    if (type === "pair" && this.rarely(2)) return `${indent}${name} = { ...${name}, a: ${this.expression("int")} };\n`;
    if (type === "int" && this.rarely(3)) return `${indent}${name} = (${name} + (yield* ${this.#cellText("int")}.load())) % 3;\n`;
    return `${indent}${name} = ${this.expression(type)};\n`;
  }

  /** An operation whose result is not kept. */
  #operation(): string {
    if (this.rarely(this.#share.operation)) return this.#kernel.operation(this);
    const cell = this.oneOf(...(this.#cells as [Cell, ...Cell[]]));
    const text = this.#place(cell.text);
    if (this.rarely(12)) return "yield* fence()";
    if (this.#plain && this.rarely(2)) return `yield* ${text}.write(${this.expression(cell.type)})`;
    return this.oneOf(`yield* ${text}.store(${this.expression(cell.type)})`, `yield* ${text}.exchange(${this.expression(cell.type)})`, `yield* ${text}.load()`);
  }

  #waiting(): string {
    const { text, type } = this.oneOf(...(this.#cells as [Cell, ...Cell[]]));
    const cell = this.#place(text);
    const value = this.literal(type);
    return this.oneOf(
      `yield* waitUntil(${cell}, (value) => value ${this.oneOf("===", "!==")} ${value})`,
      `while ((yield* ${cell}.load()) ${this.oneOf("!==", "===")} ${value}) {}`,
      type === "int" ? `yield* until(${cell}, ${value})` : `yield* waitUntil(${cell}, (value) => value === ${value})`,
    );
  }

  #guardedStep(): string {
    const [queue] = this.#queues;
    if (queue !== undefined) {
      return this.oneOf(
        `yield* step({ when: () => ${queue}.length < limit, do: () => { ${queue}.push(${this.expression("int")}); } })`,
        `yield* step({ when: () => ${queue}.length > 0, do: () => ${queue}.shift() })`,
        `yield* step({ do: () => { if (${queue}.length < 2 && !${queue}.includes(1)) ${queue}.push(1); } })`,
        `yield* step({ do: () => { ${queue}.push(2); } })`,
      );
    }
    const a = this.#cellText("int");
    const b = this.#cellText("int");
    return this.oneOf(
      `yield* step({ when: () => ${a}.value > 0, do: () => { ${a}.value -= 1; } })`,
      `yield* step({ do: () => { ${a}.value = ${this.expression("int")}; } })`,
      `yield* step({ when: () => ${a}.value === ${b}.value, do: () => { ${a}.value = (${b}.value + 1) % 3; } })`,
      "yield* step({})",
      `yield* step({ when: () => ${a}.value !== ${this.below(3)} })`,
    );
  }

  #condition(): string {
    if (this.rarely(3)) {
      const { text, type } = this.oneOf(...(this.#cells as [Cell, ...Cell[]]));
      const equal = this.oneOf("===", "!==");
      const loaded = `(yield* ${this.#place(text)}.load()) ${equal} (${this.expression(type)})`;
      return this.rarely(3) ? `${this.expression("boolean")} ${this.oneOf("&&", "||")} ${loaded}` : loaded;
    }
    if (this.rarely(3)) return "yield* choose(true, false)";
    return this.expression("boolean");
  }

  expression(type: Type): string {
    const variables = this.#scope.filter((variable) => variable.type === type);
    const variable = variables[this.below(Math.max(1, variables.length))]?.name;
    if (variable !== undefined && this.rarely(2)) return variable;
    switch (type) {
      case "int": {
        if (this.#budget <= 0 || this.mostly(3)) return this.literal("int");
        this.#budget--;
        const a = this.expression("int");
        const b = this.expression("int");
        return this.oneOf(
          `((${a} + ${b}) % 3)`,
          `(${a} & 1)`,
          `Math.min(${a}, ${b})`,
          `double(${a})`,
          `larger(${a}, ${b})`,
          `(${this.expression("boolean")} ? ${a} : ${b})`,
          `pairOf(${a}).a`,
          `Math.abs(${a} - ${b})`,
          this.#replica && !this.#alike ? "index" : "limit",
          `((${a} ^ ${b}) % 3)`,
          `(Math.floor((${a} - 1) / 2) + 1)`,
          `Math.ceil(${a} / (${b} + 1))`,
          `(((${a} + ${b}) / 2) | 0)`,
          `(Math.trunc((${a} * 2) / (${b} + 1)) % 3)`,
        );
      }
      case "boolean": {
        if (this.#budget <= 0 || this.mostly(2)) {
          const ints = this.#scope.filter((each) => each.type === "int");
          const int = ints[this.below(Math.max(1, ints.length))]?.name;
          if (int !== undefined) return `${int} ${this.oneOf("===", "!==", "<", ">=")} ${this.below(3)}`;
          return this.literal("boolean");
        }
        this.#budget--;
        return this.oneOf(
          `${this.expression("int")} < ${this.expression("int")}`,
          `(${this.expression("color")} === ${this.literal("color")})`,
          `(${this.expression("thread")} === ${this.expression("thread")})`,
          `!(${this.expression("boolean")})`,
          `(${this.expression("boolean")} || ${this.expression("boolean")})`,
        );
      }
      case "color":
        return this.mostly(3) ? this.literal("color") : `nextColor(${this.literal("color")})`;
      case "thread":
        return this.literal("thread");
      case "pair":
        return this.rarely(2)
          ? `pairOf(${this.expression("int")}, ${this.expression("boolean")})`
          : `{ a: ${this.expression("int")}, ok: ${this.expression("boolean")} }`;
    }
  }

  literal(type: Type): string {
    switch (type) {
      case "int":
        return String(this.below(3));
      case "boolean":
        return this.oneOf("true", "false");
      case "color":
        return this.oneOf('"red"', '"green"', '"blue"');
      case "thread": {
        const names = [...this.#threadNames(), "self", "nobody"];
        return names[this.below(names.length)] ?? "self";
      }
      case "pair":
        return `{ a: ${this.below(3)}, ok: ${this.oneOf("true", "false")} }`;
    }
  }
  partner(): string {
    const variables = this.#scope.filter(({ type }) => type === "thread");
    const variable = variables[this.below(Math.max(1, variables.length))]?.name;
    if (variable !== undefined && this.rarely(2)) return variable;
    const names = this.#threadNames();
    return names[this.below(names.length)] ?? "self";
  }
  #threadNames(): readonly string[] {
    const single = this.#threads.filter(({ count }) => count === null);
    const named = this.#alike && !this.rarely(12) ? single : this.#threads;
    if (named.length === 0) return ["self"];
    return named.map(({ name, count }) => (count === null ? `threads.${name}` : `threads.${name}[${this.below(count)}]`));
  }
  declare(name: string, type: Type): void {
    this.#scope.push({ name, type, mutable: false });
  }
  #literals(type: Type): string {
    return [this.literal(type), this.literal(type)].join(", ");
  }

  /** Fills in the index of an array. */
  #place(text: string): string {
    if (!text.includes("#")) return text;
    const ints = this.#scope.filter(({ type }) => type === "int");
    const int = ints[this.below(Math.max(1, ints.length))]?.name;
    return text.replace(
      "#",
      int !== undefined && this.rarely(2) ? (this.rarely(6) ? int : `${int} & 1`) : this.#replica && this.rarely(2) ? "index" : String(this.below(2)),
    );
  }
  #cellText(type: Type): string {
    const cells = this.#cells.filter((cell) => cell.type === type);
    return this.#place((cells[this.below(cells.length)] ?? cells[0])?.text ?? "word");
  }
  intCell(): string {
    return this.#cellText("int");
  }
}

/** The protocol that a tape tells of, as an expression; on one of the kernels of `choice`; `alike`: with replicas that hardly anything tells apart. */
export function protocolText(tape: readonly number[], name: string, choice: readonly RandomKernel[] = kernels, alike: boolean = false): string {
  return new ProtocolWriter(tape, choice, alike).protocol(name);
}

/** A module of many protocols, exported as `p0`, `p1`, … */
export function moduleText(tapes: readonly (readonly number[])[], choice: readonly RandomKernel[] = kernels, alike: boolean = false): string {
  return `${prelude}\n${tapes.map((tape, index) => `export const p${index} = ${protocolText(tape, `p${index}`, choice, alike)};\n`).join("\n")}`;
}
