/**
 * The graph of the stored states as arrays, for what is asked of runs: each state's edges one behind the other, of an edge
 * the target, the class of its transition and whether it is the state's last, and, where progress is asked for, whose
 * operations it ends. Where a run may stay for ever, an edge leads back to the state itself. Letters are the predicates that
 * are true in a state, as bits.
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
/** The bit of an edge's class that says: the last edge of its state. */
export const lastEdge = 0x80;
/** In the buffer: the last edge of a state. */
const last = -0x8000_0000;

/** Adds and exports the functions. `resolve` gives each entry of the buffer the number of the state that it leads to. */
export function graphFunctions(context: Context, expansion: Expansion, resolve: FunctionBuilder): void {
  connectFunction(context, expansion, resolve);
  letterFunction(context, expansion);
}

function connectFunction(context: Context, expansion: Expansion, resolve: FunctionBuilder): void {
  const { system, module, globals, regions, stateBytes, entryBytes, progress } = context;
  const source = stateBytes + 4;
  /** Pushes the address of an element of one of the graph's arrays. */
  const element = (f: FunctionBuilder, array: number, index: number, bytes: number): void => {
    f.i32(0).load("i32", array).get(index);
    if (bytes > 1) f.i32(bytes).op(op.i32_mul);
    f.op(op.i32_add);
  };

  // Moves everything in the buffer to the arrays.
  const flush = module.function([], [], (f) => {
    const [entry, at, transition, begins] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
    f.call(resolve);
    context.own(f, regions.successors).set(entry);
    f.i32(0).getGlobal(globals.tail).get(entry).op(op.i32_sub).i32(entryBytes).op(op.i32_div_u).atomicAdd("i32", cells.graph.fill).set(at);
    f.i32(1).set(begins);
    f.block((done) => {
      f.loop((next) => {
        f.get(entry).getGlobal(globals.tail).op(op.i32_ge_u).branchIf(done);
        f.get(begins).if(() => {
          f.get(entry).load("i32", source).set(transition);
          element(f, cells.graph.first, transition, 4);
          f.get(at).store("i32");
        });
        f.get(entry).load("i32", stateBytes).tee(transition).i32(31).op(op.i32_shr_u).set(begins);
        element(f, cells.graph.targets, at, 4);
        f.get(entry)
          .load("i32", stateBytes + 8)
          .store("i32");
        element(f, cells.graph.classes, at, 1);
        f.get(transition).i32(~last).op(op.i32_and).load8(regions.classes);
        f.get(begins).i32(Math.log2(lastEdge)).op(op.i32_shl, op.i32_or).store8();
        if (progress) {
          element(f, cells.graph.served, at, 4);
          f.get(entry)
            .load("i64", entryBytes - 8)
            .op(op.i32_wrap)
            .store("i32");
        }
        f.get(at).i32(1).op(op.i32_add).set(at);
        f.get(entry).i32(entryBytes).op(op.i32_add).set(entry).branch(next);
      });
    });
    context.own(f, regions.successors).setGlobal(globals.tail);
  });

  // (first, end, …) → the edges of these states.
  module.export(
    "connect",
    module.function(["i32", "i32", "i32", "i32"], [], (f) => {
      const [state, end] = [0, 1];
      const [entry, urgent, address] = [f.local("i32"), f.local("i32"), f.local("i32")];
      f.block((done) => {
        f.loop((next) => {
          f.get(state).get(end).op(op.i32_ge_u).branchIf(done);
          f.getGlobal(globals.tail).set(entry);
          f.i32(1).setGlobal(globals.muted);
          f.get(state)
            .i32(progress ? 2 : 0)
            .call(expansion.expand);
          f.i32(0).setGlobal(globals.muted);
          if (progress) {
            element(f, cells.graph.harmed, state, 4);
            f.getGlobal(globals.own).load("i64", own.harmed).op(op.i32_wrap).store("i32");
          }
          f.i32(0).set(urgent);
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
            if (progress)
              f.get(entry)
                .i64(0n)
                .store("i64", entryBytes - 8);
            f.get(entry).i32(entryBytes).op(op.i32_add).tee(entry).setGlobal(globals.tail);
          });
          f.get(entry).i32(entryBytes).op(op.i32_sub).tee(entry).get(entry).load("i32", stateBytes).i32(last).op(op.i32_or).store("i32", stateBytes);
          f.getGlobal(globals.tail);
          context.own(f, regions.successorsFull).op(op.i32_ge_u);
          f.if(() => f.call(flush));
          f.get(state).i32(1).op(op.i32_add).set(state).branch(next);
        });
      });
      f.call(flush);
    }),
  );
}

/** (first, end, formula, …) → the letters of these states, for the atoms of that formula. */
function letterFunction(context: Context, expansion: Expansion): void {
  const { system, module } = context;
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
      const [address, letter] = [f.local("i32"), f.local("i32")];
      f.block((done) => {
        f.loop((next) => {
          f.get(state).get(end).op(op.i32_ge_u).branchIf(done);
          expansion.locate(f, state);
          f.set(address);
          for (const [index, table] of tables.entries()) {
            f.get(formula).i32(index).op(op.i32_eq);
            f.if(() => f.get(address).call(table).set(letter));
          }
          f.i32(0).load("i32", cells.graph.letters).get(state).i32(4).op(op.i32_mul, op.i32_add).get(letter).store("i32");
          f.get(state).i32(1).op(op.i32_add).set(state).branch(next);
        });
      });
    }),
  );
}
