/**
 * Code up to the order of what does not depend on each other. A kernel that does something for every thread does it in
 * the order of their numbers; that order is no difference between threads if one of these steps neither changes what
 * another reads or writes, nor ends the whole. So code is read as a sequence of statements, alternatives
 * and loops, of which independent ones may change places, and the least such sequence stands for all of them (the
 * lexicographic normal form of a trace: Anisimov, Knuth, "Inhomogeneous Sorting", 1979).
 */
import type { Block, Code, Expr, Statement, Terminator } from "../system.ts";

/** What the text of code is made with. */
export interface Words {
  expression(expression: Expr): string;
  statement(statement: Statement): string;
  /** Of what ends a path: anything but a jump. */
  end(terminator: Terminator): string;
}

/** Larger pieces are left as they are. */
const mostItems = 4_000;

/** A statement or an alternative, with what it reads and writes. */
interface Item {
  readonly text: string;
  readonly reads: ReadonlySet<string>;
  /** Where what is written is a constant, with that behind "=". */
  readonly writes: ReadonlySet<string>;
  /** How it may end the path; null: in a way that what comes before and after it must not pass. */
  readonly ends: ReadonlySet<string> | null;
}
const nothing: ReadonlySet<string> = new Set();

/** Names for temporaries that do not depend on their numbers: what they are computed from, and which of those it is. Those given keep theirs. */
export function namesOf(code: Code, given: number, words: (names: ReadonlyMap<number, string>) => Pick<Words, "expression">): ReadonlyMap<number, string> {
  const defined = new Map<number, Expr[]>();
  for (const { statements } of code.blocks)
    for (const statement of statements) if (statement.op === "let") defined.set(statement.temp, [...(defined.get(statement.temp) ?? []), statement.value]);
  const names = new Map<number, string>();
  const used = new Map<string, number>();
  const name = (temp: number): void => {
    if (temp < given || names.has(temp)) return;
    // Round a loop it may be computed from itself.
    names.set(temp, "@");
    const values = defined.get(temp) ?? [];
    for (const value of values) for (const other of temporariesOf(value)) name(other);
    const text = `<${values.map((value) => words(names).expression(value)).join("|")}>`;
    const count = used.get(text) ?? 0;
    used.set(text, count + 1);
    names.set(temp, `${text}${count}`);
  };
  for (const temp of defined.keys()) name(temp);
  return names;
}

/** The text; null if the code has loops that are left in several ways, or is too large when it is written out. */
export function commutingForm(code: Code, words: Words): string | null {
  let budget = mostItems;
  const paths = pathsOf(code.blocks);
  if (paths === null) return null;
  /** The items from a block up to where paths meet again. */
  const items = (from: number, until: number | null): readonly Item[] | null => {
    const found: Item[] = [];
    for (let at: number | null = from; at !== null && at !== until; ) {
      const block: Block | undefined = code.blocks[at];
      if (block === undefined || --budget < 0) return null;
      const { [at]: loop } = paths.loop;
      if (loop !== undefined) {
        const whole = loopItem(code.blocks, at, loop, paths, words);
        if (whole === null) return null;
        found.push(whole);
        at = paths.meet[at] ?? null;
        continue;
      }
      for (const statement of block.statements) found.push(itemOf(statement, words.statement(statement)));
      const { end }: Block = block;
      if (end.op === "goto") at = end.block;
      else if (end.op === "branch") {
        const meet: number | null = paths.meet[at] ?? null;
        const [then, otherwise] = [items(end.then, meet), items(end.else, meet)];
        if (then === null || otherwise === null) return null;
        found.push(alternative(end.condition, words.expression(end.condition), then, otherwise));
        at = meet;
      } else {
        const text = words.end(end);
        found.push({ text, reads: nothing, writes: nothing, ends: end.op === "fail" || end.op === "prune" ? new Set([text]) : null });
        at = null;
      }
    }
    return found;
  };
  const all = items(0, null);
  return all === null ? null : inOrder(all);
}

function itemOf(statement: Statement, text: string): Item {
  switch (statement.op) {
    case "let":
      return { text, reads: readsOf(statement.value), writes: new Set([writing(`$${statement.temp}`, statement.value)]), ends: nothing };
    case "assign": {
      const reads = new Set([...readsOf(statement.value), ...(statement.index === null ? [] : readsOf(statement.index))]);
      return { text, reads, writes: new Set([writing(element(statement.variable, statement.index), statement.value)]), ends: nothing };
    }
    case "complete":
      // Threads go on in the order of these.
      return {
        text,
        reads: new Set([statement.thread, ...statement.results].flatMap((each) => [...readsOf(each)])),
        writes: new Set(["complete"]),
        ends: nothing,
      };
    case "terminate":
      return { text, reads: nothing, writes: nothing, ends: null };
  }
}

function alternative(condition: Expr, text: string, then: readonly Item[], otherwise: readonly Item[]): Item {
  const both = together([...then, ...otherwise]);
  return { ...both, text: `if ${text} {${inOrder(then)}} else {${inOrder(otherwise)}}`, reads: new Set([...readsOf(condition), ...both.reads]) };
}

/** A loop, as one thing, together with what fails on the way out of it. */
function loopItem(blocks: readonly Block[], from: number, loop: readonly number[], paths: Paths, words: Words): Item | null {
  const order = [from];
  const found: Item[] = [];
  const name = (to: number): string => {
    if (to === paths.meet[from]) return "on";
    if (!order.includes(to)) order.push(to);
    return String(order.indexOf(to));
  };
  const lines: string[] = [];
  for (let i = 0; i < order.length; i++) {
    const at = order[i] ?? 0;
    const block = blocks[at];
    if (block === undefined || !(loop.includes(at) || paths.fails[at] === true)) return null;
    const items = block.statements.map((statement) => itemOf(statement, words.statement(statement)));
    found.push(...items);
    lines.push(...items.map(({ text }) => text));
    const { end } = block;
    if (end.op === "goto") lines.push(`goto ${name(end.block)}`);
    else if (end.op === "branch") {
      lines.push(`if ${words.expression(end.condition)} ${name(end.then)} ${name(end.else)}`);
      found.push({ text: "", reads: readsOf(end.condition), writes: nothing, ends: nothing });
    } else {
      lines.push(words.end(end));
      found.push({ text: "", reads: nothing, writes: nothing, ends: new Set([words.end(end)]) });
    }
  }
  return { ...together(found), text: `loop {${lines.join(";")}}` };
}

/** What several items do as one. */
function together(items: readonly Item[]): Omit<Item, "text"> {
  return {
    reads: new Set(items.flatMap(({ reads }) => [...reads])),
    writes: new Set(items.flatMap(({ writes }) => [...writes])),
    ends: items.some(({ ends }) => ends === null) ? null : new Set(items.flatMap(({ ends }) => [...(ends ?? [])])),
  };
}

/** The least order: again and again the least of those that nothing before them holds back. */
function inOrder(items: readonly Item[]): string {
  const rest = [...items];
  const texts: string[] = [];
  while (rest.length > 0) {
    let least = 0;
    for (const [i, item] of rest.entries()) {
      if (item.text < (rest[least]?.text ?? "") && rest.slice(0, i).every((before) => commute(before, item))) least = i;
    }
    texts.push(rest[least]?.text ?? "");
    rest.splice(least, 1);
  }
  return texts.join(";");
}

function commute(a: Item, b: Item): boolean {
  if (a.ends === null || b.ends === null) return false;
  // Where both may end the path, it must be in the same way.
  if (a.ends.size > 0 && b.ends.size > 0 && (a.ends.size > 1 || b.ends.size > 1 || [...a.ends][0] !== [...b.ends][0])) return false;
  const apart = (writes: ReadonlySet<string>, others: ReadonlySet<string>): boolean =>
    ![...writes].some((each) => [...others].some((other) => !sameConstant(each, other) && meets(target(each), target(other))));
  return apart(a.writes, b.writes) && apart(a.writes, b.reads) && apart(b.writes, a.reads);
}

const writing = (place: string, value: Expr): string => (value.op === "const" ? `${place}=${value.value}` : place);
const target = (write: string): string => write.split("=", 1)[0] ?? "";
/** Both write the same constant: then who is last makes no difference. So kernels ask whether there is any thread of some kind. */
const sameConstant = (a: string, b: string): boolean => a.includes("=") && b.includes("=") && a.split("=")[1] === b.split("=")[1];

/** An element of a variable: `v3:2`; of which the index is not known: `v3:*`. */
function element(variable: number, index: Expr | null): string {
  return `v${variable}:${index === null ? 0 : index.op === "const" ? index.value : "*"}`;
}
function meets(a: string, b: string): boolean {
  if (a === b) return true;
  if (!a.endsWith(":*") && !b.endsWith(":*")) return false;
  return a.slice(0, a.indexOf(":") + 1) === b.slice(0, b.indexOf(":") + 1);
}

function readsOf(expression: Expr): ReadonlySet<string> {
  const found = new Set<string>();
  visit(expression, (each) => {
    if (each.op === "temp") found.add(`$${each.temp}`);
    if (each.op === "load") found.add(element(each.variable, each.index));
  });
  return found;
}
function temporariesOf(expression: Expr): ReadonlySet<number> {
  const found = new Set<number>();
  visit(expression, (each) => {
    if (each.op === "temp") found.add(each.temp);
  });
  return found;
}
function visit(expression: Expr, look: (each: Expr) => void): void {
  look(expression);
  switch (expression.op) {
    case "const":
    case "temp":
      return;
    case "load":
      if (expression.index !== null) visit(expression.index, look);
      return;
    case "unary":
      return visit(expression.operand, look);
    case "select":
      visit(expression.condition, look);
      visit(expression.then, look);
      return visit(expression.else, look);
    case "binary":
    case "and":
    case "or":
      visit(expression.left, look);
      return visit(expression.right, look);
  }
}

/** How the paths of a graph come together. */
interface Paths {
  /** For each block that branches where its paths meet again, those aside that fail or are given up; null: they do not. */
  readonly meet: readonly (number | null)[];
  /** Blocks of the loop that a block is in. */
  readonly loop: readonly (readonly number[] | undefined)[];
  /** Every path from it fails. */
  readonly fails: readonly boolean[];
}
const next = ({ end }: Block): readonly number[] => (end.op === "goto" ? [end.block] : end.op === "branch" ? [end.then, end.else] : []);

function pathsOf(blocks: readonly Block[]): Paths | null {
  /** Blocks that every path from a block comes through, nearest first; null: every path from it fails. */
  const through: (readonly number[] | null)[] = [];
  const meet: (number | null)[] = [];
  const loop: (readonly number[] | undefined)[] = [];
  // What a block leads to comes before it.
  for (const component of components(blocks)) {
    const [only = 0, ...others] = component;
    const isLoop = others.length > 0 || next(blocks[only] ?? { statements: [], end: { op: "end" } }).includes(only);
    const ends = component.map((at) => blocks[at]?.end);
    if (!isLoop && (ends[0]?.op === "fail" || ends[0]?.op === "prune")) {
      through[only] = null;
      continue;
    }
    // From within a loop nothing but a jump may end it.
    if (isLoop && ends.some((end) => end?.op !== "goto" && end?.op !== "branch")) return null;
    const targets = [...new Set(component.flatMap((at) => next(blocks[at] ?? { statements: [], end: { op: "end" } })))].filter((to) => !component.includes(to));
    const ways = targets.flatMap((to) => {
      const rest = through[to];
      return rest === null || rest === undefined ? [] : [rest];
    });
    if (isLoop && ways.length !== 1) return null;
    const [first, ...rest] = ways;
    const common = first === undefined ? [] : first.filter((each) => rest.every((other) => other.includes(each)));
    for (const at of component) {
      through[at] = targets.length > 0 && ways.length === 0 ? null : [at, ...common];
      meet[at] = common[0] ?? null;
      if (isLoop) loop[at] = component;
    }
  }
  return { meet, loop, fails: blocks.map((_, at) => through[at] === null) };
}

/** Strongly connected components of what can be reached from block 0, each after those that it leads to (Tarjan 1972). */
function components(blocks: readonly Block[]): readonly (readonly number[])[] {
  const found: (readonly number[])[] = [];
  const index: (number | undefined)[] = [];
  const low: number[] = [];
  const stack: number[] = [];
  let count = 0;
  const walk = (at: number): void => {
    index[at] = low[at] = count++;
    stack.push(at);
    const block = blocks[at];
    for (const to of block === undefined ? [] : next(block)) {
      if (index[to] === undefined) walk(to);
      if (stack.includes(to)) low[at] = Math.min(low[at] ?? 0, low[to] ?? 0);
    }
    if (low[at] === index[at]) found.push(stack.splice(stack.indexOf(at)).sort((a, b) => a - b));
  };
  walk(0);
  return found;
}
