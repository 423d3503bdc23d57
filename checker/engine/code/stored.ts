/** What works on the stored states after the search: edges, backward layers of shortest paths, rescues of sleepers. */
import { type FunctionBuilder, op } from "../wasm/encoder.ts";
import { cells } from "./cells.ts";
import { type Context, orderBytes } from "./context.ts";
import type { Expansion } from "./expansion.ts";
import { waitFlag, waitShift } from "./properties.ts";

type EachEdge = (f: FunctionBuilder, state: number, target: number, body: (entry: number) => void) => void;

/** Adds and exports the functions. */
export function storedFunctions(context: Context, expansion: Expansion, find: (f: FunctionBuilder, entry: number) => void, prepare: FunctionBuilder): void {
  const { module, globals, regions, stateBytes, entryBytes, far } = context;
  // Gives each entry of the buffer the number of the state it leads to, or -1, in place of its hash.
  const resolve = module.function([], [], (f) => {
    const entry = f.local("i32");
    f.call(prepare).op(op.drop);
    context.own(f, regions.successors).set(entry);
    f.block((done) => {
      f.loop((next) => {
        f.get(entry).getGlobal(globals.tail).op(op.i32_ge_u).branchIf(done);
        f.get(entry);
        find(f, entry);
        f.store("i32", stateBytes + 8);
        f.get(entry).i32(entryBytes).op(op.i32_add).set(entry).branch(next);
      });
    });
  });

  // (number of a state) → how many edges are in the buffer, each with the number of the state it leads to, or -1.
  const edges = module.function(["i32"], ["i32"], (f) => {
    expansion.quietly(f, 0);
    f.call(resolve);
    f.getGlobal(globals.tail);
    context.own(f, regions.successors).op(op.i32_sub).i32(entryBytes).op(op.i32_div_u);
    context.own(f, regions.successors).setGlobal(globals.tail);
  });
  module.export("edges", edges);

  /** For each edge of the state in local `state` to a stored state; that one's number is in local `target`. */
  const eachEdge: EachEdge = (f, state, target, body) => {
    const [entry, end] = [f.local("i32"), f.local("i32")];
    context.own(f, regions.successors).tee(entry);
    f.get(state).call(edges).i32(entryBytes).op(op.i32_mul, op.i32_add).set(end);
    f.block((done) => {
      f.loop((next) => {
        f.get(entry).get(end).op(op.i32_ge_u).branchIf(done);
        f.get(entry)
          .load("i32", stateBytes + 8)
          .tee(target)
          .i32(0)
          .op(op.i32_ge_s)
          .if(() => body(entry));
        f.get(entry).i32(entryBytes).op(op.i32_add).set(entry).branch(next);
      });
    });
  };
  const mark = (f: FunctionBuilder, state: number): void => void far.item(f, cells.marks, state, 1);

  // (first, end, next, after) → marks those states of a level that lead to a marked state of the next one, next..after-1.
  module.export(
    "layer",
    module.function(["i32", "i32", "i32", "i32"], [], (f) => {
      const [state, end, level, after] = [0, 1, 2, 3];
      const target = f.local("i32");
      f.block((done) => {
        f.loop((next) => {
          f.get(state).get(end).op(op.i32_ge_u).branchIf(done);
          eachEdge(f, state, target, () => {
            f.get(target)
              .get(level)
              .op(op.i32_ge_u)
              .get(target)
              .get(after)
              .op(op.i32_lt_u, op.i32_and)
              .if(() => {
                mark(f, target);
                f.load8(0, far.memory).if(() => {
                  mark(f, state);
                  f.i32(1).store8(0, far.memory);
                });
              });
          });
          f.get(state).i32(1).op(op.i32_add).set(state).branch(next);
        });
      });
    }),
  );

  const turned = turns(context);
  rescueFunctions(context, expansion.waiting, eachEdge, turned);
  linkFunctions(context, expansion, resolve, turned);
}

/** What the order of symmetric replicas that an edge ends with does to the bits of a wait. */
interface Turns {
  /** (entry, bits of the target) → bits of the source. */
  readonly back: FunctionBuilder;
  readonly forth: FunctionBuilder;
  /** (entry) → whether the order leaves all bits where they are. */
  readonly none: FunctionBuilder;
}
/** Null: there are no symmetric replicas. */
function turns(context: Context): Turns | null {
  const { module, symmetry, entryBytes } = context;
  if (symmetry === null) return null;
  const at = entryBytes - orderBytes(symmetry);
  /** For each place of the group: its number in a local, and who comes there, counted from the group's first. */
  const eachPlace = (f: FunctionBuilder, body: (place: number, who: number) => void): void => {
    const [place, who, count] = [f.local("i32"), f.local("i32"), f.local("i32")];
    f.i32(0).load("i32", cells.orbit.count).set(count);
    f.block((done) => {
      f.loop((again) => {
        f.get(place).get(count).op(op.i32_ge_u).branchIf(done);
        f.i32(0).load("i32", cells.orbit.first).get(place).op(op.i32_add).get(0).op(op.i32_add).load8(at);
        f.i32(0).load("i32", cells.orbit.first).op(op.i32_sub).set(who);
        body(place, who);
        f.get(place).i32(1).op(op.i32_add).set(place).branch(again);
      });
    });
  };
  const turn = (to: "source" | "target"): FunctionBuilder =>
    module.function(["i32", "i32"], ["i32"], (f) => {
      const turned = f.local("i32");
      // Other threads' waits stay.
      f.i32(0).load("i32", cells.orbit.count).op(op.i32_eqz);
      f.if(() => f.get(1).op(op.return));
      eachPlace(f, (place, who) => {
        const [from, into] = to === "source" ? [place, who] : [who, place];
        f.get(1).get(from).op(op.i32_shr_u).i32(1).op(op.i32_and).get(into).op(op.i32_shl).get(turned).op(op.i32_or).set(turned);
      });
      f.get(turned);
    });
  return {
    back: turn("source"),
    forth: turn("target"),
    none: module.function(["i32"], ["i32"], (f) => {
      eachPlace(f, (place, who) => {
        f.get(place).get(who).op(op.i32_ne);
        f.if(() => f.i32(0).op(op.return));
      });
      f.i32(1);
    }),
  };
}

/** Addresses of what is kept of each state while it is asked about. */
export function kept({ far }: Context): { readonly asked: Address; readonly saved: Address; readonly linksOf: Address } {
  const asked: Address = (f, state) => void far.item(f, cells.marks, state, 1);
  return {
    /** Pushes the address of the byte that says what is asked about a state, of the one that says what is known. */
    asked,
    saved(f, state) {
      asked(f, state);
      far.op(far.widen(f.i32(0).load("i32", cells.count)), "add");
    },
    /** Pushes the address of a state's links: the least and the greatest number that a step of a trusted thread leads to. */
    linksOf: (f, state) => void far.item(f, cells.links, state, 8),
  };
}
type Address = (f: FunctionBuilder, state: number) => void;

/**
 * Up to eight waits at once, one bit each: a byte for each state says of which waits it is asked whether the sleeper
 * will be woken, another of which it is known that it will, or that nobody is in them.
 */
function rescueFunctions(context: Context, waiting: FunctionBuilder, eachEdge: EachEdge, turned: Turns | null): void {
  const { module, regions, stateBytes, waitKeys, far } = context;
  const { asked, saved } = kept(context);
  // (state, group, waits) → which of the group's waits some thread is in, and above these, in which of them its
  // condition is true.
  const sleepers = module.function(["i32", "i32", "i32"], ["i32"], (f) => {
    const [state, group, waits] = [0, 1, 2];
    const [result, how, bit] = [f.local("i32"), f.local("i32"), f.local("i32")];
    for (const thread of new Set(waitKeys.flatMap((key) => (key.thread < 0 ? [] : [key.thread])))) {
      // Of this thread's waits those of the group.
      const keys = waitKeys.flatMap((key, index) => (key.thread === thread ? [index] : []));
      for (const of of new Set(keys.map((key) => key >> 3))) {
        const mask = keys.filter((key) => key >> 3 === of).reduce((bits, key) => bits | (1 << (key & 7)), 0);
        f.get(group)
          .i32(of)
          .op(op.i32_eq)
          .get(waits)
          .i32(mask)
          .op(op.i32_and)
          .i32(0)
          .op(op.i32_ne, op.i32_and)
          .if(() => {
            f.get(state)
              .i32(thread)
              .call(waiting)
              .tee(how)
              .i32(waitShift)
              .op(op.i32_shr_u)
              .i32(1)
              .op(op.i32_sub)
              .tee(bit)
              .i32(3)
              .op(op.i32_shr_s)
              .get(group)
              .op(op.i32_eq)
              .if(() => {
                f.i32(1).get(bit).i32(7).op(op.i32_and, op.i32_shl).set(bit);
                f.get(how)
                  .i32(waitFlag.idle | waitFlag.until)
                  .op(op.i32_and)
                  .i32(waitFlag.until)
                  .op(op.i32_eq)
                  .i32(8)
                  .op(op.i32_shl)
                  .i32(1)
                  .op(op.i32_or)
                  .get(bit)
                  .op(op.i32_mul);
                f.get(result).op(op.i32_or).set(result);
              });
          });
      }
    }
    f.get(result).get(waits).i32(0x101).op(op.i32_mul, op.i32_and);
  });

  // (first, end, group, waits) → asks about each state in which a thread is in one of the waits with its condition true, and knows
  // those in which nobody is in the wait.
  module.export(
    "ask",
    module.function(["i32", "i32", "i32", "i32"], [], (f) => {
      const [state, end, group, waits] = [0, 1, 2, 3];
      const found = f.local("i32");
      f.block((done) => {
        f.loop((next) => {
          f.get(state).get(end).op(op.i32_ge_u).branchIf(done);
          f.get(state).get(group).get(waits).call(sleepers).set(found);
          asked(f, state);
          f.get(found).i32(8).op(op.i32_shr_u).store8(0, far.memory);
          saved(f, state);
          f.get(found).i32(-1).op(op.i32_xor).store8(0, far.memory);
          f.get(state).i32(1).op(op.i32_add).set(state).branch(next);
        });
      });
    }),
  );

  // () → one sweep over the states that are asked about, from the last to the first: whether anything has changed.
  module.export(
    "rescue",
    module.function([], ["i32"], (f) => {
      const [state, target, changed, need, known] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
      const add = (address: Address, of: number, bits: number): void => {
        address(f, of);
        address(f, of);
        f.load8(0, far.memory).get(bits).op(op.i32_or).store8(0, far.memory);
        f.i32(1).set(changed);
      };
      f.i32(0).load("i32", cells.count).set(state);
      f.block((done) => {
        f.loop((next) => {
          f.get(state).op(op.i32_eqz).branchIf(done);
          f.get(state).i32(1).op(op.i32_sub).set(state);
          asked(f, state);
          f.load8(0, far.memory);
          saved(f, state);
          f.load8(0, far.memory).i32(-1).op(op.i32_xor, op.i32_and).tee(need).op(op.i32_eqz).branchIf(next);
          f.block((settled) => {
            eachEdge(f, state, target, (entry) => {
              f.block((useless) => {
                f.get(entry).load("i32", stateBytes).load8(regions.trusted).op(op.i32_eqz).branchIf(useless);
                if (turned !== null) f.get(entry);
                saved(f, target);
                f.load8(0, far.memory);
                if (turned !== null) f.call(turned.back);
                f.get(need).op(op.i32_and).tee(known);
                f.if(() => {
                  add(saved, state, known);
                  f.get(need).get(known).op(op.i32_xor).tee(need).op(op.i32_eqz).branchIf(settled);
                });
                // What is not known of the target either is asked there.
                if (turned !== null) f.get(entry);
                asked(f, target);
                f.load8(0, far.memory);
                if (turned !== null) f.call(turned.back);
                f.i32(-1).op(op.i32_xor).get(need).op(op.i32_and).tee(known);
                f.if(() => {
                  if (turned !== null) f.get(entry).get(known).call(turned.forth).set(known);
                  add(asked, target, known);
                });
              });
            });
          });
          f.branch(next);
        });
      });
      f.get(changed);
    }),
  );
}

/**
 * The greatest part of the rescues at a fraction of their cost: of each state two of the trusted threads' steps are kept,
 * to the least and to the greatest number, and what is known spreads against these.
 */
function linkFunctions(context: Context, expansion: Expansion, resolve: FunctionBuilder, turned: Turns | null): void {
  const { module, globals, regions, stateBytes, entryBytes, far } = context;
  const { saved, linksOf } = kept(context);
  /** Where an entry names the state that it comes from: the pick is of no interest here. */
  const source = stateBytes + 4;

  // Links the sources of everything in the buffer.
  const flush = module.function([], [], (f) => {
    const [entry, links, target, from] = [f.local("i32"), f.local(far.kind), f.local("i32"), f.local("i32")];
    f.call(resolve);
    context.own(f, regions.successors).set(entry);
    f.block((done) => {
      f.loop((next) => {
        f.get(entry).getGlobal(globals.tail).op(op.i32_ge_u).branchIf(done);
        f.block((useless) => {
          f.get(entry).load("i32", stateBytes).load8(regions.trusted).op(op.i32_eqz).branchIf(useless);
          // What is known spreads as it is.
          if (turned !== null) f.get(entry).call(turned.none).op(op.i32_eqz).branchIf(useless);
          f.get(entry)
            .load("i32", stateBytes + 8)
            .tee(target)
            .i32(0)
            .op(op.i32_lt_s)
            .branchIf(useless);
          f.get(entry).load("i32", source).set(from);
          linksOf(f, from);
          f.set(links);
          f.get(target).get(links).load("i32", 0, far.memory).op(op.i32_lt_u);
          f.if(() => f.get(links).get(target).store("i32", 0, far.memory));
          f.get(target).get(links).load("i32", 4, far.memory).op(op.i32_gt_u);
          f.if(() => f.get(links).get(target).store("i32", 4, far.memory));
        });
        f.get(entry).i32(entryBytes).op(op.i32_add).set(entry).branch(next);
      });
    });
    context.own(f, regions.successors).setGlobal(globals.tail);
  });

  // (first, end, waits) → links the states of which not all of the waits are known.
  module.export(
    "link",
    module.function(["i32", "i32", "i32"], [], (f) => {
      const [state, end, waits] = [0, 1, 2];
      const entry = f.local("i32");
      f.block((done) => {
        f.loop((next) => {
          f.get(state).get(end).op(op.i32_ge_u).branchIf(done);
          linksOf(f, state);
          f.get(state).store("i32", 0, far.memory);
          linksOf(f, state);
          f.get(state).store("i32", 4, far.memory);
          saved(f, state);
          f.load8(0, far.memory).i32(-1).op(op.i32_xor).get(waits).op(op.i32_and);
          f.if(() => {
            f.getGlobal(globals.tail).set(entry);
            expansion.quietly(f, state);
            f.block((all) => {
              f.loop((again) => {
                f.get(entry).getGlobal(globals.tail).op(op.i32_ge_u).branchIf(all);
                f.get(entry).get(state).store("i32", source);
                f.get(entry).i32(entryBytes).op(op.i32_add).set(entry).branch(again);
              });
            });
            f.getGlobal(globals.tail);
            context.own(f, regions.successorsFull).op(op.i32_ge_u);
            f.if(() => f.call(flush));
          });
          f.get(state).i32(1).op(op.i32_add).set(state).branch(next);
        });
      });
      f.call(flush);
    }),
  );

  // (which link, first, step, how many) → takes over what is known of the linked states: whether anything has changed.
  module.export(
    "spread",
    module.function(["i32", "i32", "i32", "i32"], ["i32"], (f) => {
      const [which, state, step, left] = [0, 1, 2, 3];
      const [old, all, changed, linked] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
      f.block((done) => {
        f.loop((next) => {
          f.get(left).op(op.i32_eqz).branchIf(done);
          saved(f, state);
          f.load8(0, far.memory).set(old);
          linksOf(f, state);
          far
            .op(far.widen(f.get(which)), "add")
            .load("i32", 0, far.memory)
            .set(linked);
          saved(f, linked);
          f.load8(0, far.memory).get(old).op(op.i32_or).tee(all).get(old).op(op.i32_ne);
          f.if(() => {
            saved(f, state);
            f.get(all).store8(0, far.memory).i32(1).set(changed);
          });
          f.get(state).get(step).op(op.i32_add).set(state);
          f.get(left).i32(1).op(op.i32_sub).set(left).branch(next);
        });
      });
      f.get(changed);
    }),
  );
}
