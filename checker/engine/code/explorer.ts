/**
 * The module, and the loop that expands portions of the frontier and stores what is new. Successors wait in a buffer;
 * when it is full they are hashed and their index entries touched in one pass, then looked up in another, so that cache
 * misses overlap instead of following each other.
 *
 * The loop returns to JavaScript after a given number of states: V8 replaces baseline code only between calls.
 */
import type { StoreKind } from "../../result.ts";
import type { System } from "../../../model/system/system.ts";
import { type Layout, wordMasks } from "../layout.ts";
import type { Reduction } from "../partial-order/reduction.ts";
import type { SymmetryPlan } from "../symmetry.ts";
import { type FunctionBuilder, op } from "../wasm/encoder.ts";
import { cells, own, ran } from "./cells.ts";
import { CanonicalContext, representFunction } from "./canonical/index.ts";
import { gatherFunction } from "./disk.ts";
import { Context, orderBytes, type Regions, type WaitKey } from "./context.ts";
import { Expansion } from "./expansion.ts";
import { edgeLog, letterFunction } from "./runs.ts";
import { storedFunctions } from "./stored.ts";
import { stateStore } from "./stores.ts";

export interface Generated {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly regions: Regions;
  readonly waitKeys: readonly WaitKey[];
  readonly entryBytes: number;
  readonly stateBytes: number;
  /** Whether edges are written down. */
  readonly runs: boolean;
}

/** Code for so many workers, and a memory of so many pages at most. */
export function generate(
  system: System,
  layout: Layout,
  pages: number,
  wide: boolean,
  workers: number,
  store: StoreKind,
  seed: number = 0,
  symmetry: SymmetryPlan | null = null,
  reduction: Reduction | null = null,
): Generated {
  const shared = wordMasks(layout, (id) => system.variables[id]?.role !== "pc" && system.variables[id]?.role !== "local" && id !== system.current);
  const context = new Context(system, layout, shared, pages, wide, workers, store, seed, symmetry, reduction);
  searchFunctions(context);
  return {
    bytes: context.module.encode(),
    regions: context.regions,
    waitKeys: context.waitKeys,
    entryBytes: context.entryBytes,
    stateBytes: context.stateBytes,
    runs: context.runs,
  };
}

/** (address of an entry) → its state is its representative, and the order that gives it stands at the end of the entry. */
function canonicalFunction(context: Context): FunctionBuilder | null {
  const { module, regions, symmetry, layout, entryBytes } = context;
  if (symmetry === null) return null;
  const own = (f: FunctionBuilder, offset: number): FunctionBuilder => context.own(f, regions.canonical + offset);
  const represent = representFunction(new CanonicalContext(symmetry, layout.words, own, { tables: regions.members, inexact: cells.inexact }), module);
  module.export(
    "represent",
    module.function([], [], (f) => {
      context.own(f, regions.representative);
      f.call(represent);
    }),
  );
  const bytes = orderBytes(symmetry);
  return module.function(["i32"], [], (f) => {
    f.get(0).call(represent);
    for (let at = 0; at < bytes; at += 8) {
      f.get(0);
      context
        .own(f, regions.order + at)
        .load("i64")
        .store("i64", entryBytes - bytes + at);
    }
  });
}

/** Adds and exports the functions that search. */
function searchFunctions(context: Context): void {
  const { module, globals, regions, stateBytes, entryBytes } = context;
  const states = stateStore(context);
  const expansion = new Expansion(context, states.locate);

  module.export(
    "locate",
    module.function(["i32"], ["i32"], (f) => states.locate(f, 0)),
  );

  module.export("expand", expansion.expand);

  const log = context.runs ? edgeLog(context, expansion) : null;
  if (log !== null) letterFunction(context, expansion);
  const canonical = canonicalFunction(context);
  // Makes everything in the buffer ready; () → 1 if there is no room for that.
  const prepare = module.function([], ["i32"], (f) => {
    const [entry, end] = [f.local("i32"), f.local("i32")];
    context.own(f, regions.successors).set(entry).getGlobal(globals.tail).set(end);
    f.block((done) => {
      f.loop((next) => {
        f.get(entry).get(end).op(op.i32_ge_u).branchIf(done);
        if (canonical !== null) f.get(entry).call(canonical);
        states.prepare(f, entry);
        f.op(op.i32_eqz).if(() => f.i32(1).op(op.return));
        f.get(entry).i32(entryBytes).op(op.i32_add).set(entry).branch(next);
      });
    });
    f.i32(0);
  });

  // Stores what is new; () → 1 if there is no room before the end.
  const store = module.function([], ["i32"], (f) => {
    const [entry, end, number] = [f.local("i32"), f.local("i32"), f.local("i32")];
    f.call(prepare).if(() => f.i32(1).op(op.return));
    f.getGlobal(globals.own).load("i32", own.flushing).set(entry).getGlobal(globals.tail).set(end);
    f.block((done) => {
      f.loop((next) => {
        f.get(entry).get(end).op(op.i32_ge_u).branchIf(done);
        states.insert(f, entry);
        f.tee(number)
          .i32(0)
          .op(op.i32_lt_s)
          .if(() => {
            f.getGlobal(globals.own);
            // For the log the numbers of all are needed: then it begins anew.
            if (log !== null) context.own(f, regions.successors);
            f.get(entry);
            if (log !== null) f.i32(0).load("i32", cells.log.closed).op(op.i32_eqz, op.select);
            f.store("i32", own.flushing).i32(1).op(op.return);
          });
        if (log !== null)
          f.get(entry)
            .get(number)
            .store("i32", stateBytes + 8);
        f.get(entry).i32(entryBytes).op(op.i32_add).set(entry).branch(next);
      });
    });
    if (log !== null)
      f.call(log.append).if(() => {
        f.getGlobal(globals.own);
        context.own(f, regions.successors).store("i32", own.flushing).i32(1).op(op.return);
      });
    context.own(f, regions.successors).tee(entry).setGlobal(globals.tail);
    f.getGlobal(globals.own).get(entry).store("i32", own.flushing);
    f.i32(0);
  });

  // (end of the level, most states) → why it stopped.
  module.export(
    "run",
    module.function(["i32", "i32"], ["i32"], (f) => {
      const [end, most] = [0, 1];
      const [state, last, before, fired, why] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i64"), f.local("i32")];
      const [noted, full, portion, entry] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
      const leave = (): void => {
        f.getGlobal(globals.own).get(state).store("i32", own.cursor).getGlobal(globals.own).get(last).store("i32", own.end);
        f.getGlobal(globals.own).getGlobal(globals.own).load("i64", own.transitions).get(fired).op(op.i64_add).store("i64", own.transitions);
      };
      const flush = (): void => {
        f.call(store);
        f.if(() => {
          leave();
          f.i32(ran.full).op(op.return);
        });
      };
      f.getGlobal(globals.own).load("i32", own.cursor).set(state).getGlobal(globals.own).load("i32", own.end).set(last);
      context.own(f, regions.findingsFull).set(noted);
      context.own(f, regions.successorsFull).set(full);
      // What was left over when there was no room.
      f.getGlobal(globals.tail);
      context.own(f, regions.successors).op(op.i32_ne).if(flush);
      f.block((done) => {
        f.loop((next) => {
          f.get(state).get(last).op(op.i32_ge_u);
          f.if(() => {
            f.i32(ran.more).set(why).get(most).i32(0).op(op.i32_le_s).branchIf(done);
            f.i32(ran.done).set(why).i32(0).load("i32", cells.cursor).get(end).op(op.i32_ge_u).branchIf(done);
            f.i32(0).i32(0).load("i32", cells.portionSize).tee(portion).atomicAdd("i32", cells.cursor);
            f.tee(state).get(portion).op(op.i32_add).tee(last).get(end);
            f.get(last).get(end).op(op.i32_lt_u, op.select).set(last);
            f.get(most).get(portion).op(op.i32_sub).set(most);
            f.get(state).get(end).op(op.i32_ge_u);
            f.if(() => f.get(end).tee(state).set(last).branch(done));
          });
          f.i32(ran.findings).set(why);
          f.getGlobal(globals.own).load("i32", own.findings).get(noted).op(op.i32_gt_u).branchIf(done);
          f.getGlobal(globals.tail).set(before);
          f.get(state).i32(1).call(expansion.expand);
          // Where states have no lasting numbers each carries the one that it comes from.
          if (states.find === null) {
            f.get(before).set(entry);
            f.block((all) => {
              f.loop((again) => {
                f.get(entry).getGlobal(globals.tail).op(op.i32_ge_u).branchIf(all);
                f.get(entry)
                  .get(state)
                  .store("i32", stateBytes + 16);
                f.get(entry).i32(entryBytes).op(op.i32_add).set(entry).branch(again);
              });
            });
          }
          f.getGlobal(globals.tail).get(before).op(op.i32_sub).i32(entryBytes).op(op.i32_div_u, op.i64_extend_u).get(fired).op(op.i64_add).set(fired);
          if (log !== null) f.get(state).get(before).call(log.seal);
          f.get(state).i32(1).op(op.i32_add).set(state);
          f.getGlobal(globals.tail).get(full).op(op.i32_ge_u);
          f.if(flush);
          f.branch(next);
        });
      });
      flush();
      leave();
      f.get(why);
    }),
  );

  if (states.find !== null) storedFunctions(context, expansion, states.find, prepare);
  if (context.store === "exact") gatherFunction(context, expansion, states.insert, prepare);
}
