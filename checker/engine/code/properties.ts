/**
 * The properties of a state as generated code: how a blocked thread waits and who could wake it, the greatest blocked
 * set as a fixpoint over bit masks, data races, invariants. `checker/properties/` is the same over plain states.
 */
import type { Expr, Location, Process } from "../../../model/system/system.ts";
import { type FunctionBuilder, op } from "../wasm/encoder.ts";
import { type Context, findingKind, stepType } from "./context.ts";
import { fold } from "./fold.ts";
import type { Frame } from "./frame.ts";

/** What a wait function says: idle, the condition slept for is true, memory will act by itself, and above these the number of the wait plus one. */
export const waitFlag = { idle: 1, until: 2, transient: 4 } as const;
export const waitShift = 3;

const isConstant = (e: Expr, value: boolean): boolean => e.op === "const" && (e.value !== 0) === value;

/** Notes who could wake a thread that is blocked at the location: a state's address → wait flags. */
export function waitFunction(context: Context, process: Process, location: Location): FunctionBuilder {
  const { system, module, regions, waitKeys } = context;
  return module.function(stepType.params, stepType.results, (f) => {
    const frame = context.frame(f);
    frame.words = frame.newWords();
    frame.loadWords(0);
    const flags = f.local("i32");
    const mask = f.local("i64");
    f.block((end) => {
      for (const wait of location.waits) {
        f.block((otherwise) => {
          frame.value(wait.when);
          f.op(op.i32_eqz).branchIf(otherwise);
          for (const other of system.processes) {
            if (other.index === process.index) continue;
            let some = false;
            for (const { able, when } of wait.wakers) {
              const locations = (able[other.index] ?? []).slice(0, other.locations.length);
              const condition = fold(when, new Map([[0, other.index]]));
              if (!locations.some(Boolean) || isConstant(condition, false)) continue;
              context.standsIn(frame, other, locations);
              if (!isConstant(condition, true)) {
                // The right side is pure, but it may be a remainder: evaluate it only where it counts.
                f.if(
                  () => {
                    frame.value(condition);
                    f.i32(0).op(op.i32_ne);
                  },
                  () => f.i32(0),
                  "i32",
                );
              }
              if (some) f.op(op.i32_or);
              some = true;
            }
            if (some) f.op(op.i64_extend_u).i64(BigInt(other.index)).op(op.i64_shl).get(mask).op(op.i64_or).set(mask);
          }
          frame.value(wait.idle);
          f.i32(0).op(op.i32_ne).set(flags);
          if (wait.until !== null) {
            frame.value(wait.until);
            f.if(() => f.get(flags).i32(waitFlag.until).op(op.i32_or).set(flags));
            const name = `${system.operations[location.operation]?.name}: ${wait.says}`;
            const key = waitKeys.findIndex((each) => each.thread === process.index && each.name === name);
            if (key >= 0) {
              f.get(flags)
                .i32(waitFlag.until)
                .op(op.i32_eq)
                .if(() =>
                  f
                    .i32(regions.seen + key)
                    .i32(1)
                    .store8(),
                );
              f.get(flags)
                .i32((key + 1) << waitShift)
                .op(op.i32_or)
                .set(flags);
            }
          }
          f.branch(end);
        });
      }
    });
    f.getGlobal(context.globals.own)
      .get(mask)
      .store("i64", regions.wakers + 8 * process.index);
    if (location.transient != null) {
      frame.value(location.transient);
      f.if(() => f.get(flags).i32(waitFlag.transient).op(op.i32_or).set(flags));
    }
    f.get(flags);
  });
}

/** Whether a bound of the memory model cuts behaviour off at the location: a state's address → 0 or 1. Null: never. */
export function boundFunction(context: Context, { bound }: Location): FunctionBuilder | null {
  if (bound == null) return null;
  return context.module.function(stepType.params, stepType.results, (f) => {
    const frame = context.frame(f);
    frame.words = frame.newWords();
    frame.loadWords(0);
    frame.value(bound);
    f.i32(0).op(op.i32_ne);
  });
}

/**
 * The greatest set D of blocked threads whose wakers all lie in D or may stop, and what follows from it:
 * (blocked, idle, until, running) → noted findings. The wakers of each blocked thread are in memory.
 */
export function blockedSetFunction(context: Context): FunctionBuilder {
  const { system, module, regions } = context;
  const trusted = system.processes.reduce((set, { index, stoppable }) => (stoppable ? set : set | (1n << BigInt(index))), 0n);
  return module.function(["i64", "i64", "i64", "i64"], [], (f) => {
    const [blocked, idle, until, running] = [0, 1, 2, 3];
    const [set, rest, wakers, before] = [f.local("i64"), f.local("i64"), f.local("i64"), f.local("i64")];
    const bit = f.local("i64");
    /** Emits `body` for each member of the set in `from`, with its wakers in `wakers`. */
    const each = (from: number, body: () => void): void => {
      f.get(from).set(rest);
      f.block((end) => {
        f.loop((again) => {
          f.get(rest).op(op.i64_eqz).branchIf(end);
          f.get(rest)
            .op(op.i64_ctz)
            .tee(bit)
            .op(op.i32_wrap)
            .i32(3)
            .op(op.i32_shl)
            .getGlobal(context.globals.own)
            .op(op.i32_add)
            .load("i64", regions.wakers)
            .set(wakers);
          body();
          f.get(rest).get(rest).i64(1n).op(op.i64_sub, op.i64_and).set(rest).branch(again);
        });
      });
    };
    f.get(blocked).set(set);
    f.loop((again) => {
      f.get(set).set(before);
      each(before, () => {
        // A waker outside the set that is trusted and can go on.
        f.get(wakers).get(set).i64(-1n).op(op.i64_xor, op.i64_and).get(running).op(op.i64_and).i64(trusted).op(op.i64_and);
        f.op(op.i64_eqz, op.i32_eqz).if(() => f.get(set).i64(-2n).get(bit).op(op.i64_rotl, op.i64_and).set(set));
      });
      f.get(set).get(before).op(op.i64_ne).branchIf(again);
    });
    const harmed = blocked;
    f.get(set)
      .i64(trusted)
      .op(op.i64_and)
      .get(idle)
      .i64(-1n)
      .op(op.i64_xor, op.i64_and)
      .tee(harmed)
      .op(op.i64_eqz)
      .if(() => f.op(op.return));
    f.get(harmed)
      .get(until)
      .op(op.i64_and, op.i64_eqz, op.i32_eqz)
      .if(() => {
        context.note(f, findingKind.blocked, 2);
        f.op(op.return);
      });
    // Everybody whom the harmed threads wait for, directly or through others of the set.
    const involved = harmed;
    f.loop((again) => {
      f.get(involved).get(set).op(op.i64_and).set(before);
      f.get(involved).set(running);
      each(before, () => f.get(involved).get(wakers).op(op.i64_or).set(involved));
      f.get(involved).get(running).op(op.i64_ne).branchIf(again);
    });
    f.get(involved).get(set).op(op.i64_and).set(before);
    f.i64(0n).set(running);
    each(before, () => f.get(running).get(wakers).op(op.i64_or).set(running));
    f.get(running)
      .i64(~trusted)
      .op(op.i64_and, op.i64_eqz)
      .if(
        () => context.note(f, findingKind.blocked, 0),
        () => context.note(f, findingKind.blocked, 1),
      );
  });
}

/** Locations of each later thread whose accesses conflict with this one's, and whether the cells can differ. */
interface Conflict {
  readonly other: Process;
  readonly index: number;
  readonly sameIndex: boolean;
  readonly theirs: Expr | null;
}
function conflicts(context: Context, process: Process, location: Location): readonly Conflict[] {
  const mine = location.access;
  if (mine === null) return [];
  return context.system.processes.slice(process.index + 1).flatMap((other) =>
    other.locations.flatMap(({ access, index }): readonly Conflict[] => {
      if (access === null || access.variable !== mine.variable || !(access.write || mine.write) || !(access.plain || mine.plain)) return [];
      const [a, b] = [mine.index ?? { op: "const" as const, value: 0 }, access.index ?? { op: "const" as const, value: 0 }];
      if (a.op === "const" && b.op === "const") return a.value === b.value ? [{ other, index, sameIndex: true, theirs: null }] : [];
      return [{ other, index, sameIndex: false, theirs: b }];
    }),
  );
}

/** Emits the data races of a thread at this location with threads of higher numbers; words in the frame. */
export function emitRaces(context: Context, frame: Frame, process: Process, location: Location): void {
  const { f } = frame;
  const variable = location.access?.variable ?? 0;
  if (context.system.memory?.model === "ra") {
    for (const { when } of location.races ?? []) {
      frame.value(when);
      f.if(() => context.note(f, findingKind.race, variable));
    }
    return;
  }
  const found = conflicts(context, process, location);
  for (const other of new Set(found.map((conflict) => conflict.other))) {
    const here = found.filter((conflict) => conflict.other === other);
    const certain = new Set(here.filter(({ sameIndex }) => sameIndex).map(({ index }) => index));
    if (certain.size > 0) {
      context.standsIn(
        frame,
        other,
        other.locations.map(({ index }) => certain.has(index)),
      );
      f.if(() => context.note(f, findingKind.race, variable));
    }
    for (const { index, sameIndex, theirs } of here) {
      if (sameIndex || theirs === null) continue;
      frame.location(other);
      f.i32(index)
        .op(op.i32_eq)
        .if(() => {
          frame.value(location.access?.index ?? { op: "const", value: 0 });
          frame.value(theirs);
          f.op(op.i32_eq).if(() => context.note(f, findingKind.race, variable));
        });
    }
  }
}

/** Notes the invariants that do not hold: a state's address → 0. */
export function invariantsFunction(context: Context): FunctionBuilder {
  const { system, module } = context;
  return module.function(stepType.params, stepType.results, (f) => {
    const frame = context.frame(f);
    frame.words = frame.newWords();
    frame.loadWords(0);
    for (const [index, { holds }] of system.invariants.entries()) {
      frame.value(holds);
      f.op(op.i32_eqz).if(() => context.note(f, findingKind.invariant, index));
    }
    f.i32(0);
  });
}
