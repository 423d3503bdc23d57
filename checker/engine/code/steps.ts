/**
 * The successors of one thread at one location: for each of the location's transitions and each pick, guard, body, the
 * continuation of the acting thread, and those of the threads it has served. One function for each location keeps
 * functions small enough for the optimising compiler; large ones are cut between transitions.
 *
 * A state is built in locals. When other threads are served, which depends on the state, it goes to the end of the
 * successor buffer, where their continuations, called through a table, work on it.
 */
import type { Code, Process, Statement, Transition } from "../../../model/system/system.ts";
import { type FunctionBuilder, type Label, op } from "../wasm/encoder.ts";
import { type Context, continuationType, findingKind, flag, locationCount, resumed, stepType } from "./context.ts";
import { emitGraph, type Exit } from "./control-flow.ts";
import { fold } from "./fold.ts";
import { contains, type Frame, sizeOf } from "./frame.ts";

/** V8 optimises functions of this many bytes quickly. */
const largestFunction = 24_000;
/** A continuation that several transitions share is copied into each of them up to this size. */
const largestInlined = 120;
/** Rounds of a loop in one piece of local code. */
const fuel = 1_000_000;

type Complete = Extract<Statement, { op: "complete" }>;
const completesOf = (code: Code): readonly Complete[] => code.blocks.flatMap(({ statements }) => statements.filter((statement) => statement.op === "complete"));
/** One pick: temporary 0 is known. */
const onlyPick: ReadonlyMap<number, number> = new Map([[0, 0]]);

/** How control leaves a piece of code. */
interface Leaving {
  exit(exit: Exit): void;
  /** The code does not end. */
  endless(): void;
  complete?(statement: Complete): void;
}

export class Steps {
  readonly #context: Context;
  readonly #resume: FunctionBuilder;
  /** () → the threads in the list of completions. */
  readonly #ended: FunctionBuilder | null;
  /** Operations that some rule completes for a thread which is not the acting one, or may not be. */
  readonly #served: ReadonlySet<number>;

  constructor(context: Context) {
    this.#context = context;
    const { system, module, regions, globals } = context;
    this.#served = new Set(
      system.transitions.flatMap((transition) =>
        completesOf(transition.body)
          .filter((statement) => !this.#inlined(transition, statement))
          .map(({ operation }) => operation),
      ),
    );

    this.#ended = context.progress ? this.#endedFunction() : null;
    const resumeTable = module.tabulate(system.processes.map((process) => this.#resumption(process)));
    // The acting thread's completions first, then the others in their order.
    this.#resume = module.function(["i32", "i32", "i32"], ["i32"], (f) => {
      const [self, transition, pick] = [0, 1, 2];
      const [others, entry, status] = [f.local("i32"), f.local("i32"), f.local("i32")];
      f.loop((again) => {
        context.own(f, regions.pending).set(entry);
        f.block((end) => {
          f.loop((next) => {
            f.get(entry).getGlobal(globals.pending).op(op.i32_ge_u).branchIf(end);
            f.get(entry).load("i32").get(self).op(op.i32_ne).get(others).op(op.i32_eq);
            f.if(() => {
              f.get(entry).i32(8).op(op.i32_add).get(entry).load("i32", 4).get(transition).get(pick);
              f.get(entry).load("i32").i32(resumeTable).op(op.i32_add).callIndirect(module.typeIndex(continuationType));
              f.tee(status).if(() => f.get(status).op(op.return));
            });
            f.get(entry).i32(regions.pendingStride).op(op.i32_add).set(entry).branch(next);
          });
        });
        f.get(others).op(op.i32_eqz);
        f.if(() => f.i32(1).set(others).branch(again));
      });
      f.i32(resumed.well);
    });
  }

  #endedFunction(): FunctionBuilder {
    const { module, regions, globals } = this.#context;
    return module.function([], ["i64"], (f) => {
      const [entry, threads] = [f.local("i32"), f.local("i64")];
      this.#context.own(f, regions.pending).set(entry);
      f.block((end) => {
        f.loop((next) => {
          f.get(entry).getGlobal(globals.pending).op(op.i32_ge_u).branchIf(end);
          f.i64(1n).get(entry).load("i32").op(op.i64_extend_u, op.i64_shl).get(threads).op(op.i64_or).set(threads);
          f.get(entry).i32(regions.pendingStride).op(op.i32_add).set(entry).branch(next);
        });
      });
      f.get(threads);
    });
  }

  /** The acting thread is known to be the one completed, and its continuation small enough to be copied. */
  #inlined(transition: Transition, { thread, operation }: Complete): boolean {
    const process = this.#context.system.processes[transition.thread ?? -1];
    const location = process?.locations[transition.location ?? -1];
    if (process === undefined || location === undefined || location.operation !== operation) return false;
    const who = fold(thread, transition.picks === 1 ? onlyPick : new Map());
    return who.op === "const" && who.value === process.index && (location.transitions.length === 1 || sizeOf(location.continuation) <= largestInlined);
  }

  /** Emits a graph with fuel, if it has loops. */
  #code(frame: Frame, code: Code, leaving: Leaving): void {
    const { f } = frame;
    let fuelLocal: number | null = null;
    const looping = code.blocks.length > 1;
    if (looping) {
      fuelLocal = frame.scratch();
      f.i32(fuel).set(fuelLocal);
    }
    const burnt = fuelLocal ?? 0;
    emitGraph(f, code, {
      statement: (statement) => {
        if (statement.op !== "complete") return frame.statement(statement);
        if (leaving.complete === undefined) throw new Error("only the body of a transition completes operations");
        leaving.complete(statement);
      },
      condition: (condition) => frame.value(condition),
      exit: (exit) => leaving.exit(exit),
      burn: () => {
        f.get(burnt).i32(1).op(op.i32_sub).tee(burnt).op(op.i32_eqz);
        f.if(() => leaving.endless());
      },
    });
  }

  /** Continues one thread on the state at the end of the buffer: (results, operation, transition, pick) → resumed. */
  #resumption(process: Process): FunctionBuilder {
    const { module, globals } = this.#context;
    const nothing = module.function(continuationType.params, continuationType.results, (f) => f.i32(resumed.well));
    const impossible = module.function(continuationType.params, continuationType.results, (f) => f.op(op.unreachable));
    const table = module.tabulate(
      Array.from({ length: locationCount(process) }, (_, index) => {
        const location = process.locations[index];
        if (location === undefined) return nothing;
        return this.#served.has(location.operation) ? this.#continuation(process, index) : impossible;
      }),
    );
    return module.function(continuationType.params, continuationType.results, (f) => {
      const frame = this.#context.frame(f);
      frame.words = frame.newWords();
      const address = f.local("i32");
      f.getGlobal(globals.tail).set(address);
      frame.loadWords(address);
      for (let i = 0; i < 4; i++) f.get(i);
      frame.location(process);
      f.i32(table).op(op.i32_add).callIndirect(module.typeIndex(continuationType));
    });
  }

  #continuation(process: Process, index: number): FunctionBuilder {
    const { module, globals } = this.#context;
    return module.function(continuationType.params, continuationType.results, (f) => {
      const [results, operation, transition, pick] = [0, 1, 2, 3];
      const location = process.locations[index];
      if (location === undefined) throw new RangeError(`${process.name} has no location ${index}`);
      f.get(operation)
        .i32(location.operation)
        .op(op.i32_ne)
        .if(() => f.op(op.unreachable));
      const frame = this.#context.frame(f);
      frame.words = frame.newWords();
      const address = f.local("i32");
      f.getGlobal(globals.tail).set(address);
      frame.loadWords(address);
      const given = Array.from({ length: location.results }, (_, i) => {
        const local = f.local("i32");
        f.get(results)
          .load("i32", 4 * i)
          .set(local);
        return local;
      });
      frame.begin(given);
      const fail = (kind: number, detail: number): void =>
        void f.i32(kind).i32(detail).get(transition).get(pick).call(this.#context.record).i32(resumed.failed).op(op.return);
      this.#code(frame, location.continuation, {
        exit: (exit) => {
          if (exit.op === "fail") return fail(findingKind.failure, exit.failure);
          if (exit.op === "prune") return void f.i32(resumed.pruned).op(op.return);
          this.#arrive(frame, process, exit);
          frame.storeWords(address);
          f.i32(resumed.well).op(op.return);
        },
        endless: () => fail(findingKind.endless, process.index),
      });
      f.op(op.unreachable);
    });
  }

  #arrive(frame: Frame, process: Process, exit: Exit): void {
    if (exit.op === "yield") frame.setLocation(process, exit.location);
    else if (exit.op === "finish") frame.finish(process);
    else throw new Error(`a continuation ends with ${exit.op}`);
  }

  /** The functions that together fire these transitions; a state's address → flags. `before` is emitted once. */
  fire(process: Process | null, transitions: readonly Transition[], before: (frame: Frame) => void = () => {}): FunctionBuilder {
    const { module } = this.#context;
    const parts: FunctionBuilder[] = [];
    let rest = [...transitions];
    do {
      parts.push(
        module.function(stepType.params, stepType.results, (f) => {
          const frame = this.#context.frame(f);
          const source = frame.newWords();
          const flags = f.local("i32");
          frame.words = source;
          frame.loadWords(0);
          f.i32(process === null ? 0 : flag.running).set(flags);
          if (parts.length === 0) before(frame);
          const working = frame.newWords();
          while (rest.length > 0 && f.size < largestFunction) {
            const [transition, ...others] = rest;
            rest = others;
            if (transition !== undefined) this.#transition(frame, process, transition, source, working, flags);
          }
          f.get(flags);
        }),
      );
    } while (rest.length > 0);
    const [only, ...more] = parts;
    if (only !== undefined && more.length === 0) return only;
    return module.function(stepType.params, stepType.results, (f) => {
      f.i32(0);
      for (const part of parts) f.get(0).call(part).op(op.i32_or);
    });
  }

  /** Whether some of the transitions' guards allow some pick, and whether one that is no timer does: a state's address → flags. */
  ready(process: Process, transitions: readonly Transition[], before: (frame: Frame) => void): FunctionBuilder {
    const { module } = this.#context;
    return module.function(stepType.params, stepType.results, (f) => {
      const frame = this.#context.frame(f);
      frame.words = frame.newWords();
      frame.loadWords(0);
      before(frame);
      const flags = f.local("i32");
      f.i32(flag.running).set(flags);
      f.block((end) => {
        const timers = transitions.filter(({ timer }) => timer === true);
        for (const transition of [...transitions.filter(({ timer }) => timer !== true), ...timers]) {
          this.#forEachPick(frame, transition, (pick, next) => {
            this.#guard(frame, process, transition, pick, next.deny);
            f.i32(flag.running | flag.enabled | (transition.timer === true ? 0 : flag.ready))
              .set(flags)
              .branch(end);
          });
        }
      });
      f.get(flags);
    });
  }

  /** Emits `body` for each pick; it may branch to `deny` to go on with the next one. */
  #forEachPick(frame: Frame, transition: Transition, body: (pick: number | null, next: { readonly deny: Label }) => void): void {
    const { f } = frame;
    const taken = frame.taken();
    if (transition.picks === 1) {
      f.block((deny) => body(null, { deny }));
    } else {
      const pick = frame.scratch();
      f.i32(0).set(pick);
      f.loop((again) => {
        f.block((deny) => body(pick, { deny }));
        f.get(pick).i32(1).op(op.i32_add).tee(pick).i32(transition.picks).op(op.i32_lt_u).branchIf(again);
      });
    }
    frame.release(taken);
  }

  #begin(frame: Frame, pick: number | null): void {
    if (pick === null) frame.begin([], onlyPick);
    else frame.begin([pick]);
  }

  /** Falls through if the guard allows the pick. */
  #guard(frame: Frame, process: Process | null, transition: Transition, pick: number | null, deny: Label): void {
    const { f } = frame;
    const [first, ...others] = transition.guard.blocks;
    if (first?.end.op === "allow" && first.statements.length === 0 && others.length === 0) return;
    const taken = frame.taken();
    this.#begin(frame, pick);
    f.block((allow) => {
      this.#code(frame, transition.guard, {
        exit: (exit) => {
          if (exit.op !== "allow" && exit.op !== "deny") throw new Error(`a guard ends with ${exit.op}`);
          f.branch(exit.op === "allow" ? allow : deny);
        },
        endless: () => {
          this.#fail(frame, findingKind.endless, process?.index ?? -1, transition, pick);
          f.branch(deny);
        },
      });
    });
    frame.release(taken);
  }

  #fail(frame: Frame, kind: number, detail: number, transition: Transition, pick: number | null): void {
    const { f } = frame;
    f.i32(kind).i32(detail).i32(transition.id);
    if (pick === null) f.i32(0);
    else f.get(pick);
    f.call(this.#context.record);
  }

  #transition(frame: Frame, process: Process | null, transition: Transition, source: readonly number[], working: readonly number[], flags: number): void {
    const { system, globals, regions, sharedMasks, stateBytes, entryBytes, servedAt } = this.#context;
    const { f } = frame;
    const set = (bit: number): void => void f.get(flags).i32(bit).op(op.i32_or).set(flags);
    this.#forEachPick(frame, transition, (pick, { deny }) => {
      frame.words = source;
      this.#guard(frame, process, transition, pick, deny);
      if (transition.kind === "step") set(flag.enabled);

      frame.words = working;
      for (const [i, word] of working.entries()) f.get(source[i] ?? 0).set(word);
      this.#begin(frame, pick);
      const completes = completesOf(transition.body);
      const own = completes.filter((statement) => this.#inlined(transition, statement));
      const location = process?.locations[transition.location ?? -1];
      const results = Array.from({ length: own.length > 0 ? (location?.results ?? 0) : 0 }, () => frame.scratch());
      const completed = frame.scratch();
      if (own.length > 0) f.i32(0).set(completed);
      const others = completes.length > own.length;
      if (others) this.#context.own(f, regions.pending).setGlobal(globals.pending);
      const fail = (kind: number, detail: number): void => {
        this.#fail(frame, kind, detail, transition, pick);
        set(flag.effect);
        f.branch(deny);
      };
      f.block((end) => {
        this.#code(frame, transition.body, {
          exit: (exit) => {
            if (exit.op === "fail") return fail(findingKind.failure, exit.failure);
            if (exit.op !== "end" && exit.op !== "prune") throw new Error(`the body of ${transition.rule} ends with ${exit.op}`);
            f.branch(exit.op === "end" ? end : deny);
          },
          endless: () => fail(findingKind.endless, process?.index ?? -1),
          complete: (statement) => {
            if (own.includes(statement)) {
              statement.results.forEach((result) => frame.value(result));
              for (let i = statement.results.length - 1; i >= 0; i--) f.set(results[i] ?? 0);
              f.i32(1).set(completed);
            } else this.#defer(frame, statement);
          },
        });
      });
      if (own.length > 0 && process !== null && location !== undefined) {
        // A body that ends threads may have ended this one.
        f.get(completed);
        if (contains(transition.body, (statement) => statement.op === "terminate")) {
          frame.location(process);
          f.i32(location.index).op(op.i32_eq, op.i32_and);
        }
        f.if(() => {
          frame.begin(results);
          f.block((end) => {
            this.#code(frame, location.continuation, {
              exit: (exit) => {
                if (exit.op === "fail") return fail(findingKind.failure, exit.failure);
                if (exit.op === "prune") return void f.branch(deny);
                this.#arrive(frame, process, exit);
                f.branch(end);
              },
              endless: () => fail(findingKind.endless, process.index),
            });
          });
        });
      }
      if (system.scheduling === "round-robin" && system.current !== null && process !== null && transition.kind === "step" && transition.timer !== true) {
        frame.assign(system.current, { op: "const", value: process.cpu }, { op: "const", value: process.index });
      }
      const tail = frame.scratch();
      f.getGlobal(globals.tail).set(tail);
      frame.storeWords(tail);
      if (others) {
        const status = frame.scratch();
        f.i32(process?.index ?? -1).i32(transition.id);
        if (pick === null) f.i32(0);
        else f.get(pick);
        f.call(this.#resume).tee(status);
        f.if(() => {
          f.get(status)
            .i32(resumed.failed)
            .op(op.i32_eq)
            .if(() => set(flag.effect));
          f.branch(deny);
        });
        frame.loadWords(tail);
      }
      f.get(tail).i32(transition.id).store("i32", stateBytes);
      f.get(tail);
      if (pick === null) f.i32(0);
      else f.get(pick);
      f.store("i32", stateBytes + 4);
      if (this.#context.progress) {
        f.get(tail);
        if (own.length > 0 && process !== null) f.get(completed).op(op.i64_extend_u).i64(BigInt(process.index)).op(op.i64_shl);
        else f.i64(0n);
        if (others && this.#ended !== null) f.call(this.#ended).op(op.i64_or);
        f.store("i64", servedAt);
      }
      f.get(tail).i32(entryBytes).op(op.i32_add).setGlobal(globals.tail);
      let differs = false;
      for (const [i, mask] of sharedMasks.entries()) {
        if (mask === 0n) continue;
        f.get(working[i] ?? 0)
          .get(source[i] ?? 0)
          .op(op.i64_xor)
          .i64(mask)
          .op(op.i64_and);
        if (differs) f.op(op.i64_or);
        differs = true;
      }
      if (differs) f.i64(0n).op(op.i64_ne).i32(Math.log2(flag.effect)).op(op.i32_shl).get(flags).op(op.i32_or).set(flags);
    });
  }

  /** Appends to the list of completions. */
  #defer(frame: Frame, statement: Complete): void {
    const { globals, regions } = this.#context;
    const { f } = frame;
    f.getGlobal(globals.pending);
    this.#context
      .own(f, regions.pendingEnd)
      .op(op.i32_gt_u)
      .if(() => f.op(op.unreachable));
    const put = (offset: number, value: () => void): void => {
      f.getGlobal(globals.pending);
      value();
      f.store("i32", offset);
    };
    put(0, () => frame.value(statement.thread));
    put(4, () => f.i32(statement.operation));
    statement.results.forEach((result, i) => put(8 + 4 * i, () => frame.value(result)));
    f.getGlobal(globals.pending).i32(regions.pendingStride).op(op.i32_add).setGlobal(globals.pending);
  }
}
