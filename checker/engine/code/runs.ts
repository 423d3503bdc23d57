/**
 * The log of edges, for what is asked of runs: while the search expands states it writes down where their steps lead. A
 * state's record is two words of 32 bits, the predicates that are true in it and the trusted threads that wait in it, not at
 * rest, with a bit that says whether only some of its steps were taken, then two for each edge: the target, and the class of its transition, whether it is the state's last edge, and whose
 * operations it ends. Where a run may stay for ever, an edge leads back to the state itself. Workers take the log in blocks,
 * so that it grows at its end only; an array says where each state's record begins, 0: it has not been expanded.
 */
import { type FunctionBuilder, op } from "../wasm/encoder.ts";
import { atomsOf } from "../../../model/ltl/formula.ts";
import type { Liveness } from "../../../model/system/system.ts";
import { cells, own } from "./cells.ts";
import { type Context, stepType } from "./context.ts";
import type { Expansion } from "./expansion.ts";

/** The formulas that letters can be asked for: the properties, then the goals. */
export function formulasOf({ formulas, progress }: Liveness): Liveness["formulas"] {
  return [...formulas, ...(progress?.goals ?? [])];
}
/** The second word of an edge: its class, the bit that says that it is the last of its state, and above them the threads, as bits. */
export const lastEdge = 0x80;
export const classMask = 0x7f;
export const servedShift = 8;
/** In the second word of a state's record, above the threads that wait: steps of the state were left out. */
export const reducedState = 0x8000_0000;
/** In the buffer: the last edge of a state; in its first entry, that steps of the state were left out. */
const last = -0x8000_0000;
const reduced = 0x4000_0000;

export interface EdgeLog {
  /** (state, its first entry in the buffer) → its entries are made ready for the log, and waiting is added where a run may stay. */
  readonly seal: FunctionBuilder;
  /** Writes down everything in the buffer, whose entries have the numbers of states in place of their hashes; () → 1 if there is no room. */
  readonly append: FunctionBuilder;
}

export function edgeLog(context: Context, expansion: Expansion): EdgeLog {
  const { system, module, globals, regions, stateBytes, entryBytes, progress, reduction, far } = context;
  /** Where an entry names the state that it comes from: the pick is of no interest here. */
  const source = stateBytes + 4;
  const served = context.servedAt;
  /** Of a state's first entry. */
  const harmed = context.servedAt + 4;

  const seal = module.function(["i32", "i32"], [], (f) => {
    const [state, first] = [0, 1];
    const [entry, urgent, address] = [f.local("i32"), f.local("i32"), f.local("i32")];
    f.i32(0)
      .load("i32", cells.log.closed)
      .if(() => f.op(op.return));
    f.get(first).set(entry);
    f.block((all) => {
      f.loop((again) => {
        f.get(entry).getGlobal(globals.tail).op(op.i32_ge_u).branchIf(all);
        f.get(entry).get(state).store("i32", source);
        f.get(entry).load("i32", stateBytes).load8(regions.urgent).get(urgent).op(op.i32_or).set(urgent);
        f.get(entry).i32(entryBytes).op(op.i32_add).set(entry).branch(again);
      });
    });
    f.get(urgent).op(op.i32_eqz);
    f.if(() => {
      expansion.locate(f, state);
      f.set(address);
      for (let word = 0; word < stateBytes; word += 8) f.get(entry).get(address).load("i64", word).store("i64", word);
      f.get(entry).i32(system.transitions.length).store("i32", stateBytes).get(entry).get(state).store("i32", source);
      if (progress) f.get(entry).i64(0n).store("i64", served);
      f.get(entry).i32(entryBytes).op(op.i32_add).tee(entry).setGlobal(globals.tail);
    });
    f.get(entry).i32(entryBytes).op(op.i32_sub).tee(entry).get(entry).load("i32", stateBytes).i32(last).op(op.i32_or).store("i32", stateBytes);
    if (progress) f.get(first).getGlobal(globals.own).load("i32", own.harmed).store("i32", harmed);
    if (reduction !== null) {
      f.get(first).get(first).load("i32", stateBytes).getGlobal(globals.own).load("i32", own.reduced);
      f.i32(Math.log2(reduced)).op(op.i32_shl, op.i32_or).store("i32", stateBytes);
    }
  });

  const append = module.function([], ["i32"], (f) => {
    const [entry, next, state, transition, begins] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
    const [at, from] = [f.local(far.kind), f.local(far.kind)];
    f.i32(0)
      .load("i32", cells.log.closed)
      .if(() => f.i32(0).op(op.return));
    context.own(f, regions.successors).set(entry);
    // Each entry may be the only one of a state; all places are counted in units of 8 bytes.
    f.getGlobal(globals.own).load("i32", own.log.next).tee(next);
    f.getGlobal(globals.tail).get(entry).op(op.i32_sub).i32(entryBytes).op(op.i32_div_u).i32(1).op(op.i32_shl, op.i32_add);
    f.getGlobal(globals.own).load("i32", own.log.limit).op(op.i32_gt_u);
    f.if(() => {
      f.i32(0).i32(1).atomicAdd("i32", cells.log.claimed).tee(next).i32(0).load("i32", cells.log.capacity).op(op.i32_ge_u);
      f.if(() => f.i32(1).op(op.return));
      f.get(next)
        .i32(regions.logBlock / 8)
        .op(op.i32_mul)
        .set(next);
      f.getGlobal(globals.own)
        .get(next)
        .i32(regions.logBlock / 8)
        .op(op.i32_add)
        .store("i32", own.log.limit);
      // A record never stands at 0.
      f.get(next).i32(1).op(op.i32_add).set(next);
    });
    far.cell(f, cells.log.base).set(from);
    far.item(f, cells.log.base, next, 8).set(at);
    f.i32(1).set(begins);
    f.block((done) => {
      f.loop((again) => {
        f.get(entry).getGlobal(globals.tail).op(op.i32_ge_u).branchIf(done);
        f.get(begins).if(() => {
          f.get(entry).load("i32", source).set(state);
          far.item(f, cells.log.first, state, 4);
          far.narrow(far.with(far.op(f.get(at).get(from), "sub"), "shr", 2)).store("i32", 0, far.memory);
          f.get(at).i32(0).store("i32", 0, far.memory);
          f.get(at);
          if (progress) f.get(entry).load("i32", harmed).i32(~reducedState).op(op.i32_and);
          else f.i32(0);
          if (reduction !== null) f.get(entry).load("i32", stateBytes).i32(reduced).op(op.i32_and).i32(1).op(op.i32_shl, op.i32_or);
          f.store("i32", 4, far.memory);
          far.with(f.get(at), "add", 8).set(at);
        });
        f.get(entry).load("i32", stateBytes).tee(transition).i32(31).op(op.i32_shr_u).set(begins);
        f.get(at)
          .get(entry)
          .load("i32", stateBytes + 8)
          .store("i32", 0, far.memory);
        f.get(at)
          .get(transition)
          .i32(~(last | reduced))
          .op(op.i32_and)
          .load8(regions.classes);
        f.get(begins).i32(Math.log2(lastEdge)).op(op.i32_shl, op.i32_or);
        if (progress) f.get(entry).load("i32", served).i32(servedShift).op(op.i32_shl, op.i32_or);
        f.store("i32", 4, far.memory);
        far.with(f.get(at), "add", 8).set(at);
        f.get(entry).i32(entryBytes).op(op.i32_add).set(entry).branch(again);
      });
    });
    f.getGlobal(globals.own);
    far.narrow(far.with(far.op(f.get(at).get(from), "sub"), "shr", 3)).store("i32", own.log.next);
    f.i32(0);
  });
  return { seal, append };
}

/** (first, end, formula, …) → the letters of these states, for the atoms of that formula, into their records. */
export function letterFunction(context: Context, expansion: Expansion): void {
  const { system, module, far } = context;
  const { liveness } = system;
  if (liveness == null) return;
  const tables = formulasOf(liveness).map(({ formula }) =>
    module.function(stepType.params, stepType.results, (f) => {
      const frame = context.frame(f);
      frame.words = frame.newWords();
      frame.loadWords(0);
      f.i32(0);
      for (const [bit, atom] of atomsOf(formula).entries()) {
        frame.value(liveness.atoms[atom]?.holds ?? { op: "const", value: 0 });
        f.i32(0).op(op.i32_ne).i32(bit).op(op.i32_shl, op.i32_or);
      }
    }),
  );
  module.export(
    "letters",
    module.function(["i32", "i32", "i32", "i32"], [], (f) => {
      const [state, end, formula] = [0, 1, 2];
      const [address, letter, record] = [f.local("i32"), f.local("i32"), f.local("i32")];
      f.block((done) => {
        f.loop((next) => {
          f.get(state).get(end).op(op.i32_ge_u).branchIf(done);
          far.item(f, cells.log.first, state, 4).load("i32", 0, far.memory).set(record);
          f.block((unexpanded) => {
            f.get(record).op(op.i32_eqz).branchIf(unexpanded);
            expansion.locate(f, state);
            f.set(address);
            for (const [index, table] of tables.entries()) {
              f.get(formula).i32(index).op(op.i32_eq);
              f.if(() => f.get(address).call(table).set(letter));
            }
            far.item(f, cells.log.base, record, 4).get(letter).store("i32", 0, far.memory);
          });
          f.get(state).i32(1).op(op.i32_add).set(state).branch(next);
        });
      });
    }),
  );
}
