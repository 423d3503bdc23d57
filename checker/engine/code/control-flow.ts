/**
 * Control-flow graphs as WebAssembly's nested blocks and loops, after Ramsey, "Beyond Relooper: Recursive Translation of
 * Unstructured Control Flow to Structured Control Flow" (ICFP 2022): every block is emitted inside the block that
 * dominates it; where several forward edges meet, a `block` ends; where a back edge goes, a `loop` begins. Loops burn
 * fuel, so that local code that does not end is found out.
 */
import type { Block, Code, Expr, Statement, Terminator } from "../../../model/system/system.ts";
import type { FunctionBuilder, Label } from "../wasm/encoder.ts";

/** Ends other than jumps. */
export type Exit = Exclude<Terminator, { op: "goto" | "branch" }>;

export interface Emitter {
  statement(statement: Statement): void;
  /** Pushes 0 or not 0. */
  condition(condition: Expr): void;
  /** Must not fall through. */
  exit(exit: Exit): void;
  /** Counts one round of a loop; must not fall through when the fuel is used up. */
  burn(): void;
}

const successors = ({ end }: Block): readonly number[] => (end.op === "goto" ? [end.block] : end.op === "branch" ? [end.then, end.else] : []);

/** Emits the graph; control never falls out of its end. */
export function emitGraph(f: FunctionBuilder, given: Code, emitter: Emitter): void {
  const code = isReducible(given) ? given : dispatched(given);
  const { order, position } = reversePostorder(code);
  const blockAt = (index: number): Block => {
    const block = code.blocks[index];
    if (block === undefined) throw new RangeError(`there is no block ${index}`);
    return block;
  };
  const at = (block: number): number => position.get(block) ?? -1;
  const dominator = dominators(code, order, position);
  const forwardEdges = new Map<number, number>();
  const headers = new Set<number>();
  for (const block of order) {
    for (const next of successors(blockAt(block))) {
      if (at(next) > at(block)) {
        forwardEdges.set(next, (forwardEdges.get(next) ?? 0) + 1);
        continue;
      }
      headers.add(next);
    }
  }
  const children = new Map<number, number[]>();
  for (const block of order.slice(1)) {
    const parent = dominator.get(block) ?? -1;
    children.set(parent, [...(children.get(parent) ?? []), block]);
  }
  const labels = new Map<number, Label>();

  const tree = (block: number): void => {
    // Blocks where edges meet follow their dominator, the one that comes last in order outermost.
    const meeting = (children.get(block) ?? []).filter((child) => (forwardEdges.get(child) ?? 0) > 1).sort((a, b) => at(b) - at(a));
    if (!headers.has(block)) return within(block, meeting);
    f.loop((again) => {
      labels.set(block, again);
      emitter.burn();
      within(block, meeting);
    });
    f.op(0x00);
  };
  const within = (block: number, meeting: readonly number[]): void => {
    const [last, ...rest] = meeting;
    if (last !== undefined) {
      f.block((end) => {
        labels.set(last, end);
        within(block, rest);
      });
      tree(last);
      return;
    }
    const { statements, end } = blockAt(block);
    for (const statement of statements) emitter.statement(statement);
    switch (end.op) {
      case "goto":
        return jump(block, end.block);
      case "branch":
        emitter.condition(end.condition);
        f.if(
          () => jump(block, end.then),
          () => jump(block, end.else),
        );
        // Both arms have left.
        f.op(0x00);
        return;
      default:
        emitter.exit(end);
    }
  };
  const jump = (from: number, to: number): void => {
    const label = labels.get(to);
    const isBack = at(to) <= at(from);
    if (isBack || (forwardEdges.get(to) ?? 0) > 1) {
      if (label === undefined) throw new Error("a jump out of the structure");
      f.branch(label);
    } else tree(to);
  };
  tree(order[0] ?? 0);
}

/** Whether every loop is entered at one block only: the target of each edge backwards dominates its source. */
function isReducible(code: Code): boolean {
  const { order, position } = reversePostorder(code);
  const at = (block: number): number => position.get(block) ?? -1;
  const dominator = dominators(code, order, position);
  const dominates = (above: number, block: number): boolean => {
    for (let up = block; ; up = dominator.get(up) ?? -1) {
      if (up === above) return true;
      if (up === order[0] || up === -1) return false;
    }
  };
  return order.every((block) => successors(code.blocks[block] as Block).every((next) => at(next) > at(block) || dominates(next, block)));
}

/**
 * The same code as one loop around a choice of the next block, whose number is in a temporary of its own. A step that
 * begins inside of a loop of the source may have loops with two entries; they are rare, and this is always possible.
 */
function dispatched({ temps, blocks }: Code): Code {
  const count = blocks.length;
  // Block 0 begins; then the choices, the code itself, and for each block one that chooses it.
  const [choice, own, chooser] = [1, 1 + count, 1 + 2 * count];
  const choose = (block: number): Block => ({
    statements: [{ op: "let", temp: temps, value: { op: "const", value: block } }],
    end: { op: "goto", block: choice },
  });
  const chooses = (end: Terminator): Terminator => {
    switch (end.op) {
      case "goto":
        return { op: "goto", block: chooser + end.block };
      case "branch":
        return { op: "branch", condition: end.condition, then: chooser + end.then, else: chooser + end.else };
      default:
        return end;
    }
  };
  const isNext = (block: number): Expr => ({ op: "binary", operator: "==", left: { op: "temp", temp: temps }, right: { op: "const", value: block } });
  return {
    temps: temps + 1,
    blocks: [
      choose(0),
      ...blocks.map(
        (_, block): Block => ({
          statements: [],
          end:
            block + 1 === count ? { op: "goto", block: own + block } : { op: "branch", condition: isNext(block), then: own + block, else: choice + block + 1 },
        }),
      ),
      ...blocks.map(({ statements, end }): Block => ({ statements, end: chooses(end) })),
      ...blocks.map((_, block) => choose(block)),
    ],
  };
}

function reversePostorder(code: Code): { readonly order: readonly number[]; readonly position: ReadonlyMap<number, number> } {
  const postorder: number[] = [];
  const seen = new Set<number>();
  const visit = (block: number): void => {
    if (seen.has(block)) return;
    seen.add(block);
    const node = code.blocks[block];
    if (node === undefined) throw new RangeError(`there is no block ${block}`);
    for (const next of [...successors(node)].reverse()) visit(next);
    postorder.push(block);
  };
  visit(0);
  const order = postorder.reverse();
  return { order, position: new Map(order.map((block, i) => [block, i])) };
}

/** Immediate dominators (Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm", 2001). */
function dominators(code: Code, order: readonly number[], position: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
  const predecessors = new Map<number, number[]>();
  for (const block of order) for (const next of successors(code.blocks[block] as Block)) predecessors.set(next, [...(predecessors.get(next) ?? []), block]);
  const at = (block: number): number => position.get(block) ?? 0;
  const root = order[0] ?? 0;
  const immediate = new Map<number, number>([[root, root]]);
  const meet = (a: number, b: number): number => {
    while (a !== b) {
      while (at(a) > at(b)) a = immediate.get(a) ?? root;
      while (at(b) > at(a)) b = immediate.get(b) ?? root;
    }
    return a;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of order.slice(1)) {
      const [first, ...rest] = (predecessors.get(block) ?? []).filter((predecessor) => immediate.has(predecessor));
      if (first === undefined) continue;
      const found = rest.reduce(meet, first);
      if (immediate.get(block) !== found) {
        immediate.set(block, found);
        changed = true;
      }
    }
  }
  return immediate;
}
