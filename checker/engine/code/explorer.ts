/**
 * The module: expanding a state (all threads, then the properties), and the loop that expands a stretch of the frontier
 * and stores what is new. Successors wait in a buffer; when it is full they are hashed and their index entries touched
 * in one pass, then looked up in another, so that cache misses overlap instead of following each other.
 *
 * The loop returns to JavaScript after a given number of states: V8 replaces baseline code only between calls.
 */
import type { System } from "../../../model/system/system.ts";
import { type Layout, wordMasks } from "../layout.ts";
import { type FunctionBuilder, op } from "../wasm/encoder.ts";
import { Context, findingKind, flag, locationCount, type Regions, stepType, type WaitKey } from "./context.ts";
import type { Frame } from "./frame.ts";
import { blockedSetFunction, emitRaces, invariantsFunction, waitFlag, waitFunction, waitShift } from "./properties.ts";
import { Steps } from "./steps.ts";
import { emitHash, emitHome, emitStateAddress, findFunction, rebuildFunction, tableGlobals } from "./table.ts";

/** Why `run` came back. */
export const ran = { done: 0, full: 1, findings: 2 } as const;
/** Steps of one thread that are tried to find that it spins. */
const longestSpin = 1000;

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
  const explorer = new Explorer(context);
  return { bytes: explorer.encode(), regions: context.regions, waitKeys: context.waitKeys, entryBytes: context.entryBytes, stateBytes: context.stateBytes };
}

/** Where in the table each thread's functions begin, by location; null: it has none of that kind. */
interface Tables {
  readonly fire: readonly number[];
  readonly ready: readonly number[];
  readonly wait: readonly (number | null)[];
  readonly stop: readonly (number | null)[];
}

class Explorer {
  readonly #context: Context;
  readonly #expand: FunctionBuilder;
  readonly #tables: Tables;

  constructor(context: Context) {
    this.#context = context;
    this.#tables = this.#tabulate(new Steps(context));
    this.#expand = this.#expandFunction();
    this.#explorationFunctions();
  }

  encode(): Uint8Array<ArrayBuffer> {
    return this.#context.module.encode();
  }

  /** For each thread, tables of functions by location. */
  #tabulate(steps: Steps): Tables {
    const context = this.#context;
    const { system, module } = context;
    const free = system.scheduling === "free";
    const zero = module.function(stepType.params, stepType.results, (f) => f.i32(0));
    const fire: number[] = [];
    const ready: number[] = [];
    const wait: (number | null)[] = [];
    const stop: (number | null)[] = [];
    for (const process of system.processes) {
      const table = (make: (index: number) => FunctionBuilder | null): number =>
        module.tabulate(Array.from({ length: locationCount(process) }, (_, index) => (index < process.locations.length ? make(index) : null) ?? zero));
      const location = (index: number): (typeof process.locations)[number] => {
        const found = process.locations[index];
        if (found === undefined) throw new RangeError(`${process.name} has no location ${index}`);
        return found;
      };
      const racing = (index: number) => (frame: Frame): void => emitRaces(context, frame, process, location(index));
      fire.push(table((index) => steps.fire(process, context.transitionsAt(process, index, "step"), free ? racing(index) : undefined)));
      ready.push(free ? 0 : table((index) => steps.ready(process, context.transitionsAt(process, index, "step"), racing(index))));
      wait.push(process.locations.some(({ waits }) => waits.length > 0) ? table((index) => (location(index).waits.length > 0 ? waitFunction(context, process, location(index)) : null)) : null);
      const stops = system.transitions.some(({ kind, thread }) => kind === "stop" && thread === process.index);
      stop.push(stops ? table((index) => steps.fire(process, context.transitionsAt(process, index, "stop"))) : null);
    }
    const background = system.transitions.filter(({ kind }) => kind === "background");
    this.#background = background.length > 0 ? steps.fire(null, background) : null;
    return { fire, ready, wait, stop };
  }
  #background: FunctionBuilder | null = null;
  #count = 0;

  /** Calls the function of the thread's table for its location, on the state at the address in local `address`. */
  #dispatch(frame: Frame, thread: number, table: number, address: number): void {
    const { f } = frame;
    const process = this.#context.system.processes[thread];
    if (process === undefined) throw new RangeError(`there is no thread ${thread}`);
    f.get(address);
    frame.location(process);
    f.i32(table).op(op.i32_add).callIndirect(this.#context.module.typeIndex(stepType));
  }

  /** (number of a state, whether its own properties matter) → appends its successors, notes its findings. */
  #expandFunction(): FunctionBuilder {
    const context = this.#context;
    const { system, module, globals, regions } = context;
    const invariants = system.invariants.length > 0 ? invariantsFunction(context) : null;
    const blockedSet = blockedSetFunction(context);
    const spins = this.#spinsFunction();
    return module.function(["i32", "i32"], [], (f) => {
      const frame = context.frame(f);
      frame.words = frame.newWords();
      const address = f.local("i32");
      f.get(0).setGlobal(globals.current);
      emitStateAddress(context, f, 0);
      f.set(address);
      frame.loadWords(address);
      const set64 = (): number => f.local("i64");
      const [running, enabled, permitted, blocked, idle, until] = [set64(), set64(), set64(), set64(), set64(), set64()];
      const [flags, before, effects] = [f.local("i32"), f.local("i32"), f.local("i32")];
      /** Threads with exactly one successor. */
      const single = set64();
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
      const fireThread = (thread: number): void => {
        f.getGlobal(globals.tail).set(before);
        this.#dispatch(frame, thread, this.#tables.fire[thread] ?? 0, address);
        f.tee(flags).get(effects).op(op.i32_or).set(effects);
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
        }
        if (system.scheduling === "priority") this.#permitByPriority(frame, running, enabled, permitted);
        else this.#permitByTurns(frame, enabled, permitted);
        for (const { index } of system.processes) {
          f.get(permitted).get(enabled).op(op.i64_and).i64(1n << BigInt(index)).op(op.i64_and, op.i64_eqz, op.i32_eqz).if(() => fireThread(index));
        }
      }
      for (const [thread, table] of this.#tables.stop.entries()) {
        if (table === null) continue;
        this.#dispatch(frame, thread, table, address);
        f.op(op.drop);
      }
      if (this.#background !== null) f.get(address).call(this.#background).op(op.drop);
      f.get(1).op(op.i32_eqz).if(() => f.op(op.return));
      if (invariants !== null) f.get(address).call(invariants).op(op.drop);

      // Where spinning may decide, the analysis over plain states has the word.
      this.#maySpin(f, address, spins, { enabled, permitted, single, effects }, () => {
        context.note(f, findingKind.spinning, 0);
        f.op(op.return);
      });
      f.get(running).get(enabled).i64(-1n).op(op.i64_xor, op.i64_and).tee(blocked).op(op.i64_eqz).if(() => f.op(op.return));
      for (const [thread, table] of this.#tables.wait.entries()) {
        f.get(blocked).i64(1n << BigInt(thread)).op(op.i64_and, op.i64_eqz, op.i32_eqz).if(() => {
          f.i32(regions.wakers + 8 * thread).i64(0n).store("i64");
          if (table === null) return;
          this.#dispatch(frame, thread, table, address);
          f.set(flags);
          addBit(idle, thread, () => f.get(flags).i32(waitFlag.idle).op(op.i32_and));
          addBit(until, thread, () => f.get(flags).i32(1).op(op.i32_shr_u).i32(1).op(op.i32_and));
        });
      }
      if (system.scheduling === "priority") this.#holdBack(f, permitted, enabled, blocked);
      f.get(blocked).get(idle).get(until).get(running).call(blockedSet);
    });
  }

  /**
   * Emits `then` for states in which nothing that may happen next changes more than locals and every trusted thread that
   * may go on spins. Under priorities one spinning thread is enough: it may hold others back.
   */
  #maySpin(f: FunctionBuilder, address: number, spins: FunctionBuilder, sets: { readonly enabled: number; readonly permitted: number; readonly single: number; readonly effects: number }, then: () => void): void {
    const { system } = this.#context;
    const some = system.scheduling === "priority";
    const mask = system.processes.reduce((set, { index, stoppable }) => (stoppable && !some ? set : set | (1n << BigInt(index))), 0n);
    const candidates = f.local("i64");
    f.block((none) => {
      f.get(sets.effects).i32(flag.effect).op(op.i32_and).branchIf(none);
      f.get(sets.permitted).get(sets.enabled).op(op.i64_and).i64(mask).op(op.i64_and).tee(candidates).op(op.i64_eqz).branchIf(none);
      if (!some) f.get(candidates).get(sets.single).i64(-1n).op(op.i64_xor, op.i64_and, op.i64_eqz, op.i32_eqz).branchIf(none);
      f.block((all) => {
        for (const { index } of system.processes) {
          if (((mask >> BigInt(index)) & 1n) === 0n) continue;
          f.get(candidates).get(sets.single).op(op.i64_and).i64(1n << BigInt(index)).op(op.i64_and, op.i64_eqz, op.i32_eqz).if(() => {
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

  /** On each CPU the ready threads of the highest priority. */
  #permitByPriority(frame: Frame, running: number, enabled: number, permitted: number): void {
    const { system } = this.#context;
    const { f } = frame;
    const ready = f.local("i64");
    f.get(enabled).set(ready);
    for (const process of system.processes) {
      const spinning = process.locations.map(({ spins }) => spins);
      if (!spinning.some(Boolean)) continue;
      this.#context.standsIn(frame, process, spinning);
      f.op(op.i64_extend_u).i64(BigInt(process.index)).op(op.i64_shl).get(ready).op(op.i64_or).set(ready);
    }
    f.get(ready).get(running).op(op.i64_and).set(ready);
    for (const classes of this.#byCpu()) {
      f.block((found) => {
        for (const mask of classes) {
          f.get(ready).i64(mask).op(op.i64_and, op.i64_eqz, op.i32_eqz).if(() => f.get(permitted).get(ready).i64(mask).op(op.i64_and, op.i64_or).set(permitted).branch(found));
        }
      });
    }
  }

  /** For each CPU its threads as masks, one for each priority, highest first. */
  #byCpu(): readonly (readonly bigint[])[] {
    const { system } = this.#context;
    return Array.from({ length: system.cpus }, (_, cpu) => {
      const here = system.processes.filter((process) => process.cpu === cpu);
      const priorities = [...new Set(here.map(({ priority }) => priority))].sort((a, b) => b - a);
      return priorities.map((priority) => here.filter((process) => process.priority === priority).reduce((mask, { index }) => mask | (1n << BigInt(index)), 0n));
    });
  }

  /** On each CPU the thread that ran last and the next one in cyclic order, of those that can make a step. */
  #permitByTurns(frame: Frame, enabled: number, permitted: number): void {
    const { system } = this.#context;
    const { f } = frame;
    const [here, above, last] = [f.local("i64"), f.local("i64"), f.local("i64")];
    for (const [cpu, classes] of this.#byCpu().entries()) {
      f.get(enabled).i64(classes.reduce((a, b) => a | b, 0n)).op(op.i64_and).set(here);
      if (system.current === null) f.i32(-1);
      else frame.value({ op: "load", variable: system.current, index: { op: "const", value: cpu } });
      // Bit 0 stands for nobody, so that "above" and "itself" are shifts of one mask.
      f.i32(1).op(op.i32_add, op.i64_extend_u).set(last);
      f.get(here).i64(-1n).get(last).op(op.i64_shl, op.i64_and).set(above);
      f.get(above).op(op.i64_eqz).if(() => f.get(here).set(above));
      f.get(above).i64(0n).get(above).op(op.i64_sub, op.i64_and);
      f.get(here).i64(1n).get(last).op(op.i64_shl).i64(1n).op(op.i64_shr_u, op.i64_and, op.i64_or);
      f.get(permitted).op(op.i64_or).set(permitted);
    }
  }

  /** Under priorities, threads held back by blocked spinning ones alone are blocked too. */
  #holdBack(f: FunctionBuilder, permitted: number, enabled: number, blocked: number): void {
    const { system, regions } = this.#context;
    for (const classes of this.#byCpu()) {
      const all = classes.reduce((a, b) => a | b, 0n);
      f.block((next) => {
        f.get(permitted).get(enabled).op(op.i64_and).i64(all).op(op.i64_and, op.i64_eqz, op.i32_eqz).branchIf(next);
        f.get(enabled).i64(all).op(op.i64_and).get(blocked).op(op.i64_or).set(blocked);
        for (const { index } of system.processes.filter((process) => ((all >> BigInt(process.index)) & 1n) === 1n)) {
          f.get(enabled).i64(1n << BigInt(index)).op(op.i64_and, op.i64_eqz, op.i32_eqz).if(() => f.i32(regions.wakers + 8 * index).get(permitted).i64(all).op(op.i64_and).store("i64"));
        }
      });
    }
  }

  /** Runs one thread alone: (state's address, thread) → whether it comes back to this state without a choice. */
  #spinsFunction(): FunctionBuilder {
    const context = this.#context;
    const { system, module, globals, regions, layout, entryBytes } = context;
    // Who ran last does not count.
    const turns = wordMasks(layout, (id) => id === system.current);
    return module.function(["i32", "i32"], ["i32"], (f) => {
      const [home, thread] = [0, 1];
      const [steps, tail, flags, result] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
      const frame = context.frame(f);
      frame.words = frame.newWords();
      const address = f.local("i32");
      const muted = f.local("i32");
      f.getGlobal(globals.tail).set(tail);
      f.getGlobal(globals.muted).set(muted);
      f.i32(1).setGlobal(globals.muted);
      f.get(home).set(address);
      f.block((end) => {
        f.loop((again) => {
          frame.loadWords(address);
          f.i32(0).set(flags);
          for (const { index } of system.processes) {
            f.get(thread).i32(index).op(op.i32_eq).if(() => {
              this.#dispatch(frame, index, this.#tables.fire[index] ?? 0, address);
              f.set(flags);
            });
          }
          f.get(flags).i32(flag.effect).op(op.i32_and).branchIf(end);
          f.getGlobal(globals.tail).get(tail).op(op.i32_sub).i32(entryBytes).op(op.i32_ne).branchIf(end);
          f.get(tail).setGlobal(globals.tail);
          f.block((differs) => {
            for (let i = 0; i < layout.words; i++) {
              f.get(tail).load("i64", 8 * i).get(home).load("i64", 8 * i).op(op.i64_xor);
              if ((turns[i] ?? 0n) !== 0n) f.i64(~(turns[i] ?? 0n)).op(op.i64_and);
              f.op(op.i64_eqz, op.i32_eqz).branchIf(differs);
            }
            f.i32(1).set(result).branch(end);
          });
          f.i32(regions.alone).set(address);
          for (let i = 0; i < layout.words; i++) f.get(address).get(tail).load("i64", 8 * i).store("i64", 8 * i);
          f.get(steps).i32(1).op(op.i32_add).tee(steps).i32(longestSpin).op(op.i32_lt_u).branchIf(again);
        });
      });
      f.get(tail).setGlobal(globals.tail);
      f.get(muted).setGlobal(globals.muted);
      f.get(result);
    });
  }

  #explorationFunctions(): void {
    const context = this.#context;
    const { module, globals, regions, stateBytes, entryBytes, layout } = context;
    const table = tableGlobals(context);
    this.#count = table.count;
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
          f.get(entry).get(hash).store("i64", stateBytes + 8);
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
          f.get(entry).get(entry).load("i64", stateBytes + 8).call(find).tee(found).i64(63n).op(op.i64_shr_u, op.i32_wrap).if(() => {
            f.getGlobal(table.count).tee(number).getGlobal(table.capacity).op(op.i32_ge_u).if(() => f.get(entry).setGlobal(flushing).i32(1).op(op.return));
            emitStateAddress(context, f, number);
            f.set(state);
            for (let i = 0; i < layout.words; i++) f.get(state).get(entry).load("i64", 8 * i).store("i64", 8 * i);
            f.get(number).i32(1).op(op.i32_add).tee(number).setGlobal(table.count);
            f.i64(-1n).get(found).op(op.i64_sub, op.i32_wrap);
            f.get(entry).load("i32", stateBytes + 8).getGlobal(table.numberMask).i32(-1).op(op.i32_xor, op.i32_and).get(number).op(op.i32_or).store("i32");
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
            f.getGlobal(cursor).i32(1).call(this.#expand);
            f.getGlobal(cursor).i32(1).op(op.i32_add).setGlobal(cursor);
            f.get(most).i32(1).op(op.i32_sub).set(most);
            f.getGlobal(transitions).getGlobal(globals.tail).get(before).op(op.i32_sub).i32(entryBytes).op(op.i32_div_u, op.i64_extend_u, op.i64_add).setGlobal(transitions);
            f.getGlobal(globals.tail).i32(regions.successorsFull).op(op.i32_ge_u).if(() => {
              f.call(prepare);
              flush();
            });
            f.branch(next);
          });
        });
        f.call(prepare);
        flush();
        f.getGlobal(globals.findings).i32(regions.findings).op(op.i32_ne).if(() => f.i32(ran.findings).op(op.return));
        f.i32(ran.done);
      }),
    );

    this.#lookupFunctions(prepare, find);
  }

  /** What works on the stored states after the search: edges, backward layers, rescues of sleepers. */
  #lookupFunctions(prepare: FunctionBuilder, find: FunctionBuilder): void {
    const context = this.#context;
    const { system, module, globals, regions, stateBytes, entryBytes } = context;
    /** Address of the bytes that mark states. */
    const marks = module.global("marks", "i32");

    // (number of a state) → how many edges are in the buffer, each with the number of the state it leads to, or -1.
    const edges = module.function(["i32"], ["i32"], (f) => {
      const entry = f.local("i32");
      const found = f.local("i64");
      f.i32(1).setGlobal(globals.muted);
      f.get(0).i32(0).call(this.#expand);
      f.i32(0).setGlobal(globals.muted);
      f.call(prepare);
      f.i32(regions.successors).set(entry);
      f.block((done) => {
        f.loop((next) => {
          f.get(entry).getGlobal(globals.tail).op(op.i32_ge_u).branchIf(done);
          f.get(entry).get(entry).get(entry).load("i64", stateBytes + 8).call(find).tee(found).op(op.i32_wrap).i32(-1);
          f.get(found).i64(63n).op(op.i64_shr_u, op.i64_eqz).op(op.select).store("i32", stateBytes + 8);
          f.get(entry).i32(entryBytes).op(op.i32_add).set(entry).branch(next);
        });
      });
      f.getGlobal(globals.tail).i32(regions.successors).op(op.i32_sub).i32(entryBytes).op(op.i32_div_u);
      f.i32(regions.successors).setGlobal(globals.tail);
    });
    module.export("edges", edges);

    /** For each edge of the state in local `state` to a stored state; that one's number is in local `target`. */
    const eachEdge = (f: FunctionBuilder, state: number, target: number, body: (entry: number) => void): void => {
      const [entry, end] = [f.local("i32"), f.local("i32")];
      f.i32(regions.successors).tee(entry);
      f.get(state).call(edges).i32(entryBytes).op(op.i32_mul, op.i32_add).set(end);
      f.block((done) => {
        f.loop((next) => {
          f.get(entry).get(end).op(op.i32_ge_u).branchIf(done);
          f.get(entry).load("i32", stateBytes + 8).tee(target).i32(0).op(op.i32_ge_s).if(() => body(entry));
          f.get(entry).i32(entryBytes).op(op.i32_add).set(entry).branch(next);
        });
      });
    };
    const mark = (f: FunctionBuilder, state: number): void => void f.getGlobal(marks).get(state).op(op.i32_add);

    // (first, end, after) → marks the states of a level that lead to a marked state of the next one, end..after-1.
    module.export(
      "layer",
      module.function(["i32", "i32", "i32"], [], (f) => {
        const [state, end, after] = [0, 1, 2];
        const target = f.local("i32");
        f.block((done) => {
          f.loop((next) => {
            f.get(state).get(end).op(op.i32_ge_u).branchIf(done);
            eachEdge(f, state, target, () => {
              f.get(target).get(end).op(op.i32_ge_u).get(target).get(after).op(op.i32_lt_u, op.i32_and).if(() => {
                mark(f, target);
                f.load8().if(() => {
                  mark(f, state);
                  f.i32(1).store8();
                });
              });
            });
            f.get(state).i32(1).op(op.i32_add).set(state).branch(next);
          });
        });
      }),
    );

    // (number of a state, thread) → how it waits if it is blocked, else 0.
    const waiting = module.function(["i32", "i32"], ["i32"], (f) => {
      const frame = context.frame(f);
      frame.words = frame.newWords();
      const [address, flags, tail, muted] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
      emitStateAddress(context, f, 0);
      f.set(address);
      frame.loadWords(address);
      f.getGlobal(globals.tail).set(tail);
      f.getGlobal(globals.muted).set(muted);
      f.i32(1).setGlobal(globals.muted);
      for (const process of system.processes) {
        const { index } = process;
        const wait = this.#tables.wait[index] ?? null;
        if (wait === null) continue;
        f.get(1).i32(index).op(op.i32_eq).if(() => {
          context.standsIn(frame, process, process.locations.map(({ waits }) => waits.some(({ until }) => until !== null)));
          f.if(() => {
            const ask = system.scheduling === "free" ? this.#tables.fire : this.#tables.ready;
            this.#dispatch(frame, index, ask[index] ?? 0, address);
            f.i32(flag.enabled | flag.running).op(op.i32_and).i32(flag.running).op(op.i32_eq).if(() => {
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

    this.#rescueFunctions(waiting, marks, eachEdge);
  }

  /**
   * Up to eight waits at once, one bit each: a byte for each state says of which waits it is asked whether the sleeper
   * will be woken, another of which it is known that it will.
   */
  #rescueFunctions(waiting: FunctionBuilder, marks: number, eachEdge: (f: FunctionBuilder, state: number, target: number, body: (entry: number) => void) => void): void {
    const context = this.#context;
    const { module, regions, stateBytes, waitKeys } = context;
    const asked = (f: FunctionBuilder, state: number): void => void f.getGlobal(marks).get(state).op(op.i32_add);
    const saved = (f: FunctionBuilder, state: number): void => void f.getGlobal(marks).getGlobal(this.#count).op(op.i32_add).get(state).op(op.i32_add);

    // (state, group, waits) → which of the group's waits some thread is in, and above these, in which of them its
    // condition is true.
    const sleepers = module.function(["i32", "i32", "i32"], ["i32"], (f) => {
      const [state, group, waits] = [0, 1, 2];
      const [result, how, bit] = [f.local("i32"), f.local("i32"), f.local("i32")];
      for (const thread of new Set(waitKeys.map((key) => key.thread))) {
        // Of this thread's waits those of the group.
        const keys = waitKeys.flatMap((key, index) => (key.thread === thread ? [index] : []));
        for (const of of new Set(keys.map((key) => key >> 3))) {
          const mask = keys.filter((key) => key >> 3 === of).reduce((bits, key) => bits | (1 << (key & 7)), 0);
          f.get(group).i32(of).op(op.i32_eq).get(waits).i32(mask).op(op.i32_and).i32(0).op(op.i32_ne, op.i32_and).if(() => {
            f.get(state).i32(thread).call(waiting).tee(how).i32(waitShift).op(op.i32_shr_u).i32(1).op(op.i32_sub).tee(bit).i32(3).op(op.i32_shr_s).get(group).op(op.i32_eq).if(() => {
              f.i32(1).get(bit).i32(7).op(op.i32_and, op.i32_shl).set(bit);
              f.get(how).i32(waitFlag.idle | waitFlag.until).op(op.i32_and).i32(waitFlag.until).op(op.i32_eq).i32(8).op(op.i32_shl).i32(1).op(op.i32_or).get(bit).op(op.i32_mul);
              f.get(result).op(op.i32_or).set(result);
            });
          });
        }
      }
      f.get(result).get(waits).i32(0x101).op(op.i32_mul, op.i32_and);
    });

    // (group, waits) → asks about each state in which a thread is in one of the waits with its condition true.
    module.export(
      "ask",
      module.function(["i32", "i32"], [], (f) => {
        const [group, waits] = [0, 1];
        const state = f.local("i32");
        f.block((done) => {
          f.loop((next) => {
            f.get(state).getGlobal(this.#count).op(op.i32_ge_u).branchIf(done);
            asked(f, state);
            f.get(state).get(group).get(waits).call(sleepers).i32(8).op(op.i32_shr_u).store8();
            f.get(state).i32(1).op(op.i32_add).set(state).branch(next);
          });
        });
      }),
    );

    // (group) → one sweep over the states that are asked about, from the last to the first: how much has changed.
    module.export(
      "rescue",
      module.function(["i32"], ["i32"], (f) => {
        const group = 0;
        const [state, target, changed, need, unknown, found] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
        const add = (address: (f: FunctionBuilder, state: number) => void, of: number, bits: () => void): void => {
          address(f, of);
          address(f, of);
          f.load8();
          bits();
          f.op(op.i32_or).store8();
          f.i32(1).set(changed);
        };
        f.getGlobal(this.#count).set(state);
        f.block((done) => {
          f.loop((next) => {
            f.get(state).op(op.i32_eqz).branchIf(done);
            f.get(state).i32(1).op(op.i32_sub).set(state);
            asked(f, state);
            f.load8();
            saved(f, state);
            f.load8().i32(-1).op(op.i32_xor, op.i32_and).tee(need).op(op.i32_eqz).branchIf(next);
            f.block((settled) => {
              eachEdge(f, state, target, (entry) => {
                f.get(entry).load("i32", stateBytes).load8(regions.trusted).if(() => {
                  f.get(need);
                  asked(f, target);
                  f.load8();
                  saved(f, target);
                  f.load8().op(op.i32_or).i32(-1).op(op.i32_xor, op.i32_and).tee(unknown).if(() => {
                    f.get(target).get(group).get(unknown).call(sleepers).i32(0xff).op(op.i32_and).set(found);
                    add(asked, target, () => f.get(found));
                    add(saved, target, () => f.get(unknown).get(found).i32(-1).op(op.i32_xor, op.i32_and));
                  });
                  saved(f, target);
                  f.load8().get(need).op(op.i32_and).tee(found).if(() => {
                    add(saved, state, () => f.get(found));
                    f.get(need).get(found).op(op.i32_xor).tee(need).op(op.i32_eqz).branchIf(settled);
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
}
