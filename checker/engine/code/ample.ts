/**
 * The choice of an ample set in a state, as generated code: what each thread drags along is a set of threads, by its location
 * and those of the others; the closure of each thread that can step is built on 64-bit masks, and of those in which every
 * thread's steps may be taken alone the one with the fewest steps is taken.
 */
import type { Process } from "../../../model/system/system.ts";
import type { LocationReduction, Others, Reduction } from "../partial-order/reduction.ts";
import { type FunctionBuilder, type FunctionType, op } from "../wasm/encoder.ts";
import { type Context, locationCount } from "./context.ts";

/** A state's address → the threads to be taken together with one that stands at the location; all bits: never. */
export const othersType: FunctionType = { params: ["i32"], results: ["i64"] };
const never = -1n;

/** By thread, where in the table its functions begin. */
export interface AmpleTables {
  /** Of one that can step. */
  readonly conflicts: readonly number[];
  /** Of one that is blocked. */
  readonly enablers: readonly number[];
}

export function ampleTables(context: Context, reduction: Reduction): AmpleTables {
  const { module, system } = context;
  const known = new Map<string, FunctionBuilder>();
  const others = (process: Process, masks: Others | null): FunctionBuilder => {
    const named = masks?.map((row, thread) => (thread === process.index ? [] : row)) ?? null;
    const key = JSON.stringify(named);
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = module.function(othersType.params, othersType.results, (f) => {
      if (named === null || named.every((row) => !row.some(Boolean))) return void f.i64(named === null ? never : 0n);
      const frame = context.frame(f);
      frame.words = frame.newWords();
      frame.loadWords(0);
      f.i64(0n);
      for (const [thread, row] of named.entries()) {
        const other = system.processes[thread];
        if (other === undefined || !row.some(Boolean)) continue;
        context.standsIn(frame, other, row);
        f.op(op.i64_extend_u).i64(BigInt(thread)).op(op.i64_shl, op.i64_or);
      }
    });
    known.set(key, made);
    return made;
  };
  const table = (process: Process, of: (location: LocationReduction) => Others | null): number =>
    module.tabulate(
      Array.from({ length: locationCount(process) }, (_, index) => {
        const location = reduction.locations[process.index]?.[index];
        return others(process, location === undefined ? [] : of(location));
      }),
    );
  return {
    conflicts: system.processes.map((process) => table(process, ({ conflicts }) => conflicts)),
    enablers: system.processes.map((process) => table(process, ({ enablers }) => enablers)),
  };
}

/**
 * (threads that can step, bytes of all their steps) → the threads of the ample set, none if all are to be taken. What each
 * thread drags along, and the bytes of its steps, are in memory.
 */
export function chooseFunction(context: Context, { single }: Reduction): FunctionBuilder {
  const { module, regions, entryBytes } = context;
  return module.function(["i64", "i32"], ["i64"], (f) => {
    const [rest, best] = [0, 1];
    const [set, todo, more, chosen] = [f.local("i64"), f.local("i64"), f.local("i64"), f.local("i64")];
    const [bytes, thread] = [f.local("i32"), f.local("i32")];
    const own = (thread_: number, bits: number): void => {
      f.get(thread_).i32(bits).op(op.i32_shl).getGlobal(context.globals.own).op(op.i32_add);
    };
    const least = (word: number): void => void f.get(word).op(op.i64_ctz, op.i32_wrap).set(thread);
    const dropLeast = (word: number): void => void f.get(word).get(word).i64(1n).op(op.i64_sub, op.i64_and).set(word);
    f.block((done) => {
      f.loop((again) => {
        f.get(rest).op(op.i64_eqz).branchIf(done);
        f.get(rest).i64(0n).get(rest).op(op.i64_sub, op.i64_and).tee(set).set(todo);
        dropLeast(rest);
        f.i32(0).set(bytes);
        f.loop((next) => {
          least(todo);
          dropLeast(todo);
          own(thread, 3);
          f.load("i64", regions.others).tee(more).i64(never).op(op.i64_eq).branchIf(again);
          own(thread, 2);
          f.load("i32", regions.steps).get(bytes).op(op.i32_add).set(bytes);
          f.get(more).get(set).i64(-1n).op(op.i64_xor, op.i64_and).tee(more).get(todo).op(op.i64_or).set(todo);
          f.get(more).get(set).op(op.i64_or).set(set);
          f.get(todo).op(op.i64_eqz, op.i32_eqz).branchIf(next);
        });
        f.get(bytes).op(op.i32_eqz).branchIf(again);
        if (single) f.get(bytes).i32(entryBytes).op(op.i32_ne).branchIf(again);
        f.get(bytes).get(best).op(op.i32_ge_u).branchIf(again);
        f.get(bytes).set(best).get(set).set(chosen);
        f.get(bytes).i32(entryBytes).op(op.i32_ne).branchIf(again);
      });
    });
    f.get(chosen);
  });
}
