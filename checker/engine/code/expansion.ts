/**
 * Expanding one state: the successors of all threads that the scheduler permits, then the state's own properties.
 * Threads are dispatched through tables of functions, one for each location.
 */
import type { Transition } from "../../../model/system/system.ts";
import { wordMasks } from "../layout.ts";
import { type FunctionBuilder, type FunctionType, op } from "../wasm/encoder.ts";
import { type AmpleTables, ampleTables, chooseFunction, othersType } from "./ample.ts";
import { cells, own } from "./cells.ts";
import { type Context, findingKind, flag, locationCount, stepType } from "./context.ts";
import type { Frame } from "./frame.ts";
import { blockedSetFunction, boundFunction, emitRaces, invariantsFunction, waitFlag, waitFunction } from "./properties.ts";
import { holdBack, permitByPriority, permitByTurns } from "./scheduling.ts";
import { Steps } from "./steps.ts";
import { near } from "./far.ts";
import { emitCopy } from "./table.ts";

/** Steps of one thread that are tried: where 1,000 lead to a state seen before, Brent's way of finding that needs no more. */
const longestSpin = 5000;

/** Where in the table each thread's functions begin, by location; null: it has none of that kind. */
interface Tables {
  readonly fire: readonly number[];
  readonly ready: readonly number[];
  /** The timers alone. */
  readonly timers: readonly (number | null)[];
  readonly wait: readonly (number | null)[];
  readonly bound: readonly (number | null)[];
  readonly stop: readonly (number | null)[];
}

/** Pushes the address of the words of the state with the number in a local. */
export type Locate = (f: FunctionBuilder, number: number) => void;

/** The functions that look at one state. */
export class Expansion {
  readonly #context: Context;
  readonly locate: Locate;
  readonly #tables: Tables;
  readonly #background: FunctionBuilder | null;
  /** (number of a state, whether its own properties matter) → appends its successors, notes its findings. */
  readonly expand: FunctionBuilder;
  /** (number of a state, thread) → how it waits, if it is blocked in a wait with a condition; else 0. */
  readonly waiting: FunctionBuilder;

  constructor(context: Context, locate: Locate) {
    this.#context = context;
    this.locate = locate;
    const steps = new Steps(context);
    this.#tables = this.#tabulate(steps);
    const background = context.system.transitions.filter(({ kind }) => kind === "background");
    this.#background = background.length > 0 ? steps.fire(null, background) : null;
    this.expand = this.#expandFunction();
    this.waiting = this.#waitingFunction();
  }

  /** Appends the successors of the state with the number in a local, its properties aside. */
  quietly(f: FunctionBuilder, state: number): void {
    const { muted } = this.#context.globals;
    f.i32(1).setGlobal(muted).get(state).i32(0).call(this.expand).i32(0).setGlobal(muted);
  }

  /** For each thread, tables of functions by location. */
  #tabulate(steps: Steps): Tables {
    const context = this.#context;
    const { system, module } = context;
    const free = system.scheduling === "free";
    const zero = module.function(stepType.params, stepType.results, (f) => f.i32(0));
    const fire: number[] = [];
    const ready: number[] = [];
    const timers: (number | null)[] = [];
    const wait: (number | null)[] = [];
    const bound: (number | null)[] = [];
    const stop: (number | null)[] = [];
    for (const process of system.processes) {
      const table = (make: (index: number) => FunctionBuilder | null): number =>
        module.tabulate(Array.from({ length: locationCount(process) }, (_, index) => (index < process.locations.length ? make(index) : null) ?? zero));
      const location = (index: number): (typeof process.locations)[number] => {
        const found = process.locations[index];
        if (found === undefined) throw new RangeError(`${process.name} has no location ${index}`);
        return found;
      };
      const racing =
        (index: number) =>
        (frame: Frame): void =>
          emitRaces(context, frame, process, location(index));
      fire.push(table((index) => steps.fire(process, context.transitionsAt(process, index, "step"), free ? racing(index) : undefined)));
      ready.push(free ? 0 : table((index) => steps.ready(process, context.transitionsAt(process, index, "step"), racing(index))));
      const timersAt = (index: number): readonly Transition[] => context.transitionsAt(process, index, "step").filter(({ timer }) => timer === true);
      timers.push(
        !free && process.locations.some(({ index }) => timersAt(index).length > 0)
          ? table((index) => (timersAt(index).length > 0 ? steps.fire(process, timersAt(index)) : null))
          : null,
      );
      const waits = (index: number): boolean => location(index).waits.length > 0 || location(index).transient != null;
      wait.push(
        process.locations.some(({ index }) => waits(index)) ? table((index) => (waits(index) ? waitFunction(context, process, location(index)) : null)) : null,
      );
      bound.push(process.locations.some((each) => each.bound != null) ? table((index) => boundFunction(context, location(index))) : null);
      const stops = system.transitions.some(({ kind, thread }) => kind === "stop" && thread === process.index);
      stop.push(stops ? table((index) => steps.fire(process, context.transitionsAt(process, index, "stop"))) : null);
    }
    return { fire, ready, timers, wait, bound, stop };
  }
  /** Calls the function of the thread's table for its location, on the state at the address in local `address`. */
  #dispatch(frame: Frame, thread: number, table: number, address: number, type: FunctionType = stepType): void {
    const { f } = frame;
    const process = this.#context.system.processes[thread];
    if (process === undefined) throw new RangeError(`there is no thread ${thread}`);
    f.get(address);
    frame.location(process);
    f.i32(table).op(op.i32_add).callIndirect(this.#context.module.typeIndex(type));
  }

  #expandFunction(): FunctionBuilder {
    const context = this.#context;
    const { system, module, globals, regions } = context;
    const invariants = system.invariants.length > 0 ? invariantsFunction(context) : null;
    const blockedSet = blockedSetFunction(context);
    const spins = this.#spinsFunction();
    const trusted = system.processes.reduce((set, { index, stoppable }) => (stoppable ? set : set | (1n << BigInt(index))), 0n);
    const ample = context.reduction === null ? null : { tables: ampleTables(context, context.reduction), choose: chooseFunction(context, context.reduction) };
    return module.function(["i32", "i32"], [], (f) => {
      const frame = context.frame(f);
      frame.words = frame.newWords();
      const address = f.local("i32");
      f.get(0).setGlobal(globals.current);
      this.locate(f, 0);
      f.set(address);
      frame.loadWords(address);
      const set64 = (): number => f.local("i64");
      const [running, enabled, permitted, blocked, idle, until] = [set64(), set64(), set64(), set64(), set64(), set64()];
      const [first, reduced, spun] = [f.local("i32"), f.local("i32"), f.local("i32")];
      f.getGlobal(globals.tail).set(first);
      const [flags, before, effects] = [f.local("i32"), f.local("i32"), f.local("i32")];
      /** Threads with exactly one successor. */
      const single = set64();
      /** Threads that can make a step which is no timer, and those of which some step may come next: others only where there are timers. */
      const hasTimers = this.#tables.timers.some((table) => table !== null);
      const [ready, next] = hasTimers ? [set64(), set64()] : [enabled, permitted];
      const addBit = (set: number, thread: number, condition: () => void): void => {
        condition();
        f.op(op.i64_extend_u);
        if (thread > 0) f.i64(BigInt(thread)).op(op.i64_shl);
        f.get(set).op(op.i64_or).set(set);
      };
      const noteFlags = (thread: number): void => {
        addBit(running, thread, () => f.get(flags).i32(1).op(op.i32_shr_u).i32(1).op(op.i32_and));
        addBit(enabled, thread, () => f.get(flags).i32(1).op(op.i32_and));
      };
      const fireThread = (thread: number, table = this.#tables.fire[thread] ?? 0): void => {
        f.getGlobal(globals.tail).set(before);
        this.#dispatch(frame, thread, table, address);
        f.tee(flags).get(effects).op(op.i32_or).set(effects);
        if (ample !== null)
          f.getGlobal(globals.own)
            .getGlobal(globals.tail)
            .get(before)
            .op(op.i32_sub)
            .store("i32", regions.steps + 4 * thread);
        addBit(single, thread, () => f.getGlobal(globals.tail).get(before).op(op.i32_sub).i32(context.entryBytes).op(op.i32_eq));
      };

      if (system.scheduling === "free") {
        for (const { index } of system.processes) {
          fireThread(index);
          noteFlags(index);
        }
        f.get(enabled).set(permitted);
      } else {
        for (const { index } of system.processes) {
          this.#dispatch(frame, index, this.#tables.ready[index] ?? 0, address);
          f.set(flags);
          noteFlags(index);
          if (hasTimers) addBit(ready, index, () => f.get(flags).i32(Math.log2(flag.ready)).op(op.i32_shr_u).i32(1).op(op.i32_and));
        }
        if (system.scheduling === "priority") permitByPriority(context, frame, running, ready, permitted);
        else permitByTurns(context, frame, ready, permitted);
        if (hasTimers) f.get(permitted).set(next);
        for (const { index } of system.processes) {
          const timers = this.#tables.timers[index] ?? null;
          const fireTimers = (): void => {
            fireThread(index, timers ?? 0);
            addBit(next, index, () => f.get(flags).i32(1).op(op.i32_and));
          };
          f.get(permitted)
            .get(enabled)
            .op(op.i64_and)
            .i64(1n << BigInt(index))
            .op(op.i64_and, op.i64_eqz, op.i32_eqz)
            .if(() => fireThread(index), timers === null ? undefined : fireTimers);
        }
      }
      for (const [thread, table] of this.#tables.stop.entries()) {
        if (table === null) continue;
        this.#dispatch(frame, thread, table, address);
        f.op(op.drop);
      }
      if (ample !== null) {
        this.#reduce(frame, address, { running, enabled, first }, ample.tables, ample.choose);
        f.set(reduced);
        if (context.runs) f.getGlobal(globals.own).get(reduced).store("i32", own.reduced);
      }
      if (this.#background !== null) {
        const background = this.#background;
        f.get(reduced)
          .op(op.i32_eqz)
          .if(() => f.get(address).call(background).op(op.drop));
      }
      f.get(1)
        .op(op.i32_eqz)
        .if(() => f.op(op.return));
      if (context.progress) {
        f.getGlobal(globals.own).get(running).get(enabled).get(next).op(op.i64_and).i64(-1n).op(op.i64_xor, op.i64_and);
        f.i64(trusted).op(op.i64_and).store("i64", own.harmed);
      }
      if (invariants !== null) f.get(address).call(invariants).op(op.drop);
      for (const [thread, table] of this.#tables.bound.entries()) {
        if (table === null) continue;
        this.#dispatch(frame, thread, table, address);
        f.if(() => f.i32(0).i32(1).store("i32", cells.bounded));
      }
      // Where spinning may decide, the analysis over plain states has the word. Who is at rest matters all the same.
      this.#maySpin(frame, address, spins, { enabled, next, single, effects }, () => {
        context.note(f, findingKind.spinning, 0);
        if (context.progress) f.i32(1).set(spun);
        else f.op(op.return);
      });
      f.get(running)
        .get(enabled)
        .i64(-1n)
        .op(op.i64_xor, op.i64_and)
        .tee(blocked)
        .op(op.i64_eqz)
        .if(() => f.op(op.return));
      for (const [thread, table] of this.#tables.wait.entries()) {
        f.get(blocked)
          .i64(1n << BigInt(thread))
          .op(op.i64_and, op.i64_eqz, op.i32_eqz)
          .if(() => {
            f.getGlobal(globals.own)
              .i64(0n)
              .store("i64", regions.wakers + 8 * thread);
            if (table === null) return;
            this.#dispatch(frame, thread, table, address);
            f.set(flags);
            addBit(idle, thread, () => f.get(flags).i32(waitFlag.idle).op(op.i32_and));
            addBit(until, thread, () => f.get(flags).i32(1).op(op.i32_shr_u).i32(1).op(op.i32_and));
            f.get(flags)
              .i32(waitFlag.transient)
              .op(op.i32_and)
              .if(() =>
                f
                  .get(blocked)
                  .i64(~(1n << BigInt(thread)))
                  .op(op.i64_and)
                  .set(blocked),
              );
          });
      }
      if (context.progress) {
        f.getGlobal(globals.own).getGlobal(globals.own).load("i64", own.harmed).get(idle).i64(-1n).op(op.i64_xor, op.i64_and).store("i64", own.harmed);
        f.get(spun).if(() => f.op(op.return));
      }
      if (system.scheduling === "priority") holdBack(context, f, { running, permitted, ready, next, blocked });
      f.get(blocked).get(idle).get(until).get(running).call(blockedSet);
    });
  }

  /** Leaves only the steps of an ample set in the buffer, if there is one; pushes whether there is. */
  #reduce(
    frame: Frame,
    address: number,
    at: { readonly running: number; readonly enabled: number; readonly first: number },
    tables: AmpleTables,
    choose: FunctionBuilder,
  ): void {
    const { system, globals, regions } = this.#context;
    const { f } = frame;
    const [some, mask, others] = [f.local("i32"), f.local("i64"), f.local("i64")];
    const [from, to, end, bytes] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
    const each = (body: (thread: number, bit: bigint) => void): void => {
      for (const { index } of system.processes) body(index, 1n << BigInt(index));
    };
    f.i32(0).set(some).i64(0n).set(mask);
    each((thread, bit) => {
      f.get(at.enabled).i64(bit).op(op.i64_and, op.i64_eqz, op.i32_eqz);
      f.if(() => {
        this.#dispatch(frame, thread, tables.conflicts[thread] ?? 0, address, othersType);
        f.set(others)
          .getGlobal(globals.own)
          .get(others)
          .store("i64", regions.others + 8 * thread);
        f.get(others).i64(-1n).op(op.i64_ne).get(some).op(op.i32_or).set(some);
      });
    });
    f.get(some).if(() => {
      each((thread, bit) => {
        f.get(at.enabled).i64(bit).op(op.i64_and, op.i64_eqz);
        f.if(() => {
          this.#dispatch(frame, thread, tables.enablers[thread] ?? 0, address, othersType);
          f.set(others)
            .getGlobal(globals.own)
            .get(others)
            .store("i64", regions.others + 8 * thread);
        });
      });
      f.get(at.enabled).getGlobal(globals.tail).get(at.first).op(op.i32_sub).call(choose).set(mask);
    });
    f.get(mask).op(op.i64_eqz, op.i32_eqz).tee(some);
    f.if(() => {
      f.get(at.first).tee(from).set(to);
      each((thread, bit) => {
        f.getGlobal(globals.own)
          .load("i32", regions.steps + 4 * thread)
          .set(bytes);
        f.get(mask).i64(bit).op(op.i64_and, op.i64_eqz);
        f.if(
          () => f.get(from).get(bytes).op(op.i32_add).set(from),
          () => {
            f.get(from).get(bytes).op(op.i32_add).set(end);
            f.block((done) => {
              f.loop((next) => {
                f.get(from).get(end).op(op.i32_ge_u).branchIf(done);
                f.get(to).get(from).load("i64").store("i64");
                f.get(from).i32(8).op(op.i32_add).set(from);
                f.get(to).i32(8).op(op.i32_add).set(to).branch(next);
              });
            });
          },
        );
      });
      f.get(to).setGlobal(globals.tail);
    });
    f.get(some);
  }

  /**
   * Emits `then` for states in which nothing that may happen next changes more than locals and every trusted thread that
   * may go on spins. Under priorities one spinning thread is enough: it may hold others back.
   */
  #maySpin(
    frame: Frame,
    address: number,
    spins: FunctionBuilder,
    sets: { readonly enabled: number; readonly next: number; readonly single: number; readonly effects: number },
    then: () => void,
  ): void {
    const { system } = this.#context;
    const { f } = frame;
    const some = system.scheduling === "priority";
    const mask = system.processes.reduce((set, { index, stoppable }) => (stoppable && !some ? set : set | (1n << BigInt(index))), 0n);
    const candidates = f.local("i64");
    f.block((none) => {
      // Nobody spins while memory has something left to do.
      if (system.memory?.settled != null) {
        frame.value(system.memory.settled);
        f.op(op.i32_eqz).branchIf(none);
      }
      f.get(sets.effects).i32(flag.effect).op(op.i32_and).branchIf(none);
      f.get(sets.next).get(sets.enabled).op(op.i64_and).i64(mask).op(op.i64_and).tee(candidates).op(op.i64_eqz).branchIf(none);
      if (!some) f.get(candidates).get(sets.single).i64(-1n).op(op.i64_xor, op.i64_and, op.i64_eqz, op.i32_eqz).branchIf(none);
      f.block((all) => {
        for (const { index } of system.processes) {
          if (((mask >> BigInt(index)) & 1n) === 0n) continue;
          f.get(candidates)
            .get(sets.single)
            .op(op.i64_and)
            .i64(1n << BigInt(index))
            .op(op.i64_and, op.i64_eqz, op.i32_eqz)
            .if(() => {
              f.get(address).i32(index).call(spins);
              if (some) f.branchIf(all);
              else f.op(op.i32_eqz).branchIf(none);
            });
        }
        if (some) f.branch(none);
      });
      then();
    });
  }

  /**
   * Runs one thread alone: (state's address, thread) → whether it comes to a state where it has been before without a
   * choice. One earlier state is kept, after 1, 2, 4, … steps the latest (Brent, "An improved Monte Carlo factorization
   * algorithm", 1980).
   */
  #spinsFunction(): FunctionBuilder {
    const context = this.#context;
    const { system, module, globals, regions, layout, entryBytes, stateBytes } = context;
    // Who ran last does not count.
    const turns = wordMasks(layout, (id) => id === system.current);
    return module.function(["i32", "i32"], ["i32"], (f) => {
      const [home, thread] = [0, 1];
      const [steps, tail, flags, result] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
      const frame = context.frame(f);
      frame.words = frame.newWords();
      const address = f.local("i32");
      const muted = f.local("i32");
      const [earlier, renewal] = [f.local("i32"), f.local("i32")];
      f.get(home).set(earlier).i32(1).set(renewal);
      f.getGlobal(globals.tail).set(tail);
      f.getGlobal(globals.muted).set(muted);
      f.i32(1).setGlobal(globals.muted);
      f.get(home).set(address);
      f.block((end) => {
        f.loop((again) => {
          frame.loadWords(address);
          f.i32(0).set(flags);
          for (const { index } of system.processes) {
            f.get(thread)
              .i32(index)
              .op(op.i32_eq)
              .if(() => {
                this.#dispatch(frame, index, this.#tables.fire[index] ?? 0, address);
                f.set(flags);
              });
          }
          f.get(flags).i32(flag.effect).op(op.i32_and).branchIf(end);
          f.getGlobal(globals.tail).get(tail).op(op.i32_sub).i32(entryBytes).op(op.i32_ne).branchIf(end);
          f.get(tail).setGlobal(globals.tail);
          f.block((differs) => {
            for (let i = 0; i < layout.words; i++) {
              f.get(tail)
                .load("i64", 8 * i)
                .get(earlier)
                .load("i64", 8 * i)
                .op(op.i64_xor);
              if ((turns[i] ?? 0n) !== 0n) f.i64(~(turns[i] ?? 0n)).op(op.i64_and);
              f.op(op.i64_eqz, op.i32_eqz).branchIf(differs);
            }
            f.i32(1).set(result).branch(end);
          });
          context.own(f, regions.alone).set(address);
          emitCopy(f, layout.words, near(tail), near(address));
          f.get(steps).i32(1).op(op.i32_add).tee(steps).get(renewal).op(op.i32_eq);
          f.if(() => {
            context
              .own(f, regions.alone + stateBytes)
              .set(earlier)
              .get(renewal)
              .i32(1)
              .op(op.i32_shl)
              .set(renewal);
            emitCopy(f, layout.words, near(tail), near(earlier));
          });
          f.get(steps).i32(longestSpin).op(op.i32_lt_u).branchIf(again);
        });
      });
      f.get(tail).setGlobal(globals.tail);
      f.get(muted).setGlobal(globals.muted);
      f.get(result);
    });
  }

  #waitingFunction(): FunctionBuilder {
    const context = this.#context;
    const { system, module, globals } = context;
    return module.function(["i32", "i32"], ["i32"], (f) => {
      const frame = context.frame(f);
      frame.words = frame.newWords();
      const [address, flags, tail, muted] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
      this.locate(f, 0);
      f.set(address);
      frame.loadWords(address);
      f.getGlobal(globals.tail).set(tail);
      f.getGlobal(globals.muted).set(muted);
      f.i32(1).setGlobal(globals.muted);
      for (const process of system.processes) {
        const { index } = process;
        const wait = this.#tables.wait[index] ?? null;
        if (wait === null) continue;
        f.get(1)
          .i32(index)
          .op(op.i32_eq)
          .if(() => {
            context.standsIn(
              frame,
              process,
              process.locations.map(({ waits }) => waits.some(({ until }) => until !== null)),
            );
            f.if(() => {
              const ask = system.scheduling === "free" ? this.#tables.fire : this.#tables.ready;
              this.#dispatch(frame, index, ask[index] ?? 0, address);
              f.i32(flag.enabled | flag.running)
                .op(op.i32_and)
                .i32(flag.running)
                .op(op.i32_eq)
                .if(() => {
                  this.#dispatch(frame, index, wait, address);
                  f.set(flags);
                });
            });
          });
      }
      f.get(tail).setGlobal(globals.tail);
      f.get(muted).setGlobal(globals.muted);
      f.get(flags);
    });
  }
}
