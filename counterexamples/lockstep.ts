/** A directed machine in lockstep with the transition system: every step is taken on both, whichever side leads, and compared. */
import { Executor, type ExecutorOptions, NotPossible, type StepReport } from "../kernel/common/executor.ts";
import type { PathFactory } from "../kernel/common/path.ts";
import type { Instance } from "../model/language/protocol.ts";
import { fire, type Move, possibleMoves } from "../model/system/interpret.ts";
import type { State, System, Transition } from "../model/system/system.ts";
import { type Agreement, Comparison, differs } from "./comparison.ts";
import { MachineBuffers } from "./machine-buffers.ts";

export type { Agreement } from "./comparison.ts";

export class Lockstep extends Comparison {
  readonly executor: Executor;

  constructor(instance: Instance, system: System, paths: readonly PathFactory[], options: ExecutorOptions = {}) {
    const { model } = instance.memoryModel;
    const executor = new Executor(instance, paths, model === "sc" || model === "ra" ? options : { memoryModel: model, ...options });
    const isBuffered = system.memory !== null && system.memory.buffers.length > 0;
    super(system, executor, isBuffered ? new MachineBuffers(instance, system, executor) : null);
    this.executor = executor;
  }

  /** Takes a move on both sides and compares: the model leads, the machine must be able to follow. */
  take(move: Move): Agreement {
    const { system } = this;
    const before = this.state;
    const transition = system.transitions[move.transition];
    if (before === null || transition === undefined) return differs("the model has ended before this step");
    if (!possibleMoves(system, before).some(({ transition: id, pick }) => id === move.transition && pick === move.pick))
      return differs(`the model does not allow the rule "${transition.rule}" here`);
    const report = this.#attempt(() => this.#native(transition, move.pick));
    if (typeof report === "string") return differs(report);
    return this.accept(move, before, report, fire(system, before, move));
  }

  /** Runs a thread for one step on the machine: the machine leads, and the model must have a step that explains what it did. */
  follow(thread: number, pick: number): Agreement {
    const report = this.#attempt(() => this.executor.step(thread, pick));
    return typeof report === "string" ? differs(report) : this.heed({ thread, pick, report });
  }

  /** The same step once more, from a state that was reached before: the machine takes it, and nothing is compared. */
  repeat(decision: { readonly thread: number; readonly pick: number } | Move, after: State): void {
    if ("thread" in decision) this.executor.step(decision.thread, decision.pick);
    else this.#native(this.system.transitions[decision.transition] as Transition, decision.pick);
    this.adopt(after);
  }

  /** What the machine did, or why it could not. */
  #attempt<T>(body: () => T): T | string {
    try {
      return body();
    } catch (error) {
      if (error instanceof NotPossible) return `the machine cannot take this step: ${error.message}`;
      if (error instanceof Error) return `the machine failed: ${error.message}`;
      throw error;
    }
  }

  #native(transition: Transition, pick: number): StepReport | null {
    const { thread } = transition;
    switch (transition.kind) {
      case "step":
        if (thread === null) throw new NotPossible("the step names no thread");
        return this.executor.step(thread, pick);
      case "stop":
        if (thread === null) throw new NotPossible("the step names no thread");
        this.executor.stop(thread);
        return null;
      case "background":
        if (transition.drains === undefined || this.buffers === null) return this.executor.interrupt(transition.rule, transition.cpu ?? 0);
        if (this.state !== null) this.executor.drain(transition.drains, this.buffers.entryOf(this.state, transition.drains, pick));
        return null;
    }
  }
}
