/**
 * The module, and the loop that expands a stretch of the frontier and stores what is new. Successors wait in a buffer;
 * when it is full they are hashed and their index entries touched in one pass, then looked up in another, so that cache
 * misses overlap instead of following each other.
 *
 * The loop returns to JavaScript after a given number of states: V8 replaces baseline code only between calls.
 */
import type { System } from "../../../model/system/system.ts";
import { type Layout, wordMasks } from "../layout.ts";
import { op } from "../wasm/encoder.ts";
import { Context, type Regions, type WaitKey } from "./context.ts";
import { Expansion } from "./expansion.ts";
import { storedFunctions } from "./stored.ts";
import { emitHash, emitHome, emitStateAddress, findFunction, rebuildFunction, tableGlobals } from "./table.ts";

/** Why `run` came back. */
export const ran = { done: 0, full: 1, findings: 2 } as const;

export interface Generated {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly regions: Regions;
  readonly waitKeys: readonly WaitKey[];
  readonly entryBytes: number;
  readonly stateBytes: number;
}

export function generate(system: System, layout: Layout, memory: { readonly initial: number; readonly maximum: number }): Generated {
  const shared = wordMasks(layout, (id) => system.variables[id]?.role !== "pc" && system.variables[id]?.role !== "local" && id !== system.current);
  const context = new Context(system, layout, shared, memory);
  searchFunctions(context, new Expansion(context));
  return {
    bytes: context.module.encode(),
    regions: context.regions,
    waitKeys: context.waitKeys,
    entryBytes: context.entryBytes,
    stateBytes: context.stateBytes,
  };
}

/** Adds and exports the functions that search. */
function searchFunctions(context: Context, expansion: Expansion): void {
  const { module, globals, regions, stateBytes, entryBytes, layout } = context;
  const table = tableGlobals(context);
  const find = findFunction(context, table);
  const cursor = module.global("cursor", "i32");
  /** Next entry of the successor buffer to be stored; at the start of the buffer when none are waiting. */
  const flushing = module.global("flushing", "i32", BigInt(regions.successors));
  const transitions = module.global("transitions", "i64");
  const touched = module.global("touched", "i32");
  module.export("rebuild", rebuildFunction(context, table));

  // Hashes everything in the buffer and touches the index entries.
  const prepare = module.function([], [], (f) => {
    const [entry, end, sum, hash] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i64")];
    f.i32(regions.successors).set(entry).getGlobal(globals.tail).set(end);
    f.block((done) => {
      f.loop((next) => {
        f.get(entry).get(end).op(op.i32_ge_u).branchIf(done);
        emitHash(context, f, entry, hash);
        f.get(entry)
          .get(hash)
          .store("i64", stateBytes + 8);
        emitHome(f, table, hash);
        f.load("i32").get(sum).op(op.i32_add).set(sum);
        f.get(entry).i32(entryBytes).op(op.i32_add).set(entry).branch(next);
      });
    });
    // Keeps the loads from being thought useless.
    f.get(sum).setGlobal(touched);
  });

  // Stores what is new; () → 1 if the table is full before the end.
  const store = module.function([], ["i32"], (f) => {
    const [entry, end, state, number] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
    const found = f.local("i64");
    f.getGlobal(flushing).set(entry).getGlobal(globals.tail).set(end);
    f.block((done) => {
      f.loop((next) => {
        f.get(entry).get(end).op(op.i32_ge_u).branchIf(done);
        f.get(entry)
          .get(entry)
          .load("i64", stateBytes + 8)
          .call(find)
          .tee(found)
          .i64(63n)
          .op(op.i64_shr_u, op.i32_wrap)
          .if(() => {
            f.getGlobal(table.count)
              .tee(number)
              .getGlobal(table.capacity)
              .op(op.i32_ge_u)
              .if(() => f.get(entry).setGlobal(flushing).i32(1).op(op.return));
            emitStateAddress(context, f, number);
            f.set(state);
            for (let i = 0; i < layout.words; i++)
              f.get(state)
                .get(entry)
                .load("i64", 8 * i)
                .store("i64", 8 * i);
            f.get(number).i32(1).op(op.i32_add).tee(number).setGlobal(table.count);
            f.i64(-1n).get(found).op(op.i64_sub, op.i32_wrap);
            f.get(entry)
              .load("i32", stateBytes + 8)
              .getGlobal(table.numberMask)
              .i32(-1)
              .op(op.i32_xor, op.i32_and)
              .get(number)
              .op(op.i32_or)
              .store("i32");
          });
        f.get(entry).i32(entryBytes).op(op.i32_add).set(entry).branch(next);
      });
    });
    f.i32(regions.successors).tee(entry).setGlobal(flushing);
    f.get(entry).setGlobal(globals.tail);
    f.i32(0);
  });

  // (end of the level, most states) → why it stopped.
  module.export(
    "run",
    module.function(["i32", "i32"], ["i32"], (f) => {
      const [end, most] = [0, 1];
      const before = f.local("i32");
      const flush = (): void => void f.call(store).if(() => f.i32(ran.full).op(op.return));
      // What was left over when the table was full.
      f.getGlobal(globals.tail).i32(regions.successors).op(op.i32_ne).if(flush);
      f.block((done) => {
        f.loop((next) => {
          f.getGlobal(cursor).get(end).op(op.i32_ge_u).branchIf(done);
          f.get(most).op(op.i32_eqz).branchIf(done);
          f.getGlobal(globals.findings).i32(regions.findingsFull).op(op.i32_gt_u).branchIf(done);
          f.getGlobal(globals.tail).set(before);
          f.getGlobal(cursor).i32(1).call(expansion.expand);
          f.getGlobal(cursor).i32(1).op(op.i32_add).setGlobal(cursor);
          f.get(most).i32(1).op(op.i32_sub).set(most);
          f.getGlobal(transitions)
            .getGlobal(globals.tail)
            .get(before)
            .op(op.i32_sub)
            .i32(entryBytes)
            .op(op.i32_div_u, op.i64_extend_u, op.i64_add)
            .setGlobal(transitions);
          f.getGlobal(globals.tail)
            .i32(regions.successorsFull)
            .op(op.i32_ge_u)
            .if(() => {
              f.call(prepare);
              flush();
            });
          f.branch(next);
        });
      });
      f.call(prepare);
      flush();
      f.getGlobal(globals.findings)
        .i32(regions.findings)
        .op(op.i32_ne)
        .if(() => f.i32(ran.findings).op(op.return));
      f.i32(ran.done);
    }),
  );

  storedFunctions(context, expansion, table, prepare, find);
}
