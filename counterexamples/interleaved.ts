/**
 * A machine whose CPUs interleave at locks, with the model going along: the machine leads, one action at a time, and after
 * each the two are compared. Between two commits the model stands still, and so must what the machine projects.
 */
import { Interleaving, type Action, type RunEvent } from "../kernel/common/interleaving.ts";
import type { MachineOptions } from "../kernel/common/microkernel.ts";
import type { PathFactory } from "../kernel/common/path.ts";
import { NotPossible } from "../kernel/common/programs.ts";
import type { Instance } from "../model/language/protocol.ts";
import { fire, type Move } from "../model/system/interpret.ts";
import type { State, System } from "../model/system/system.ts";
import { type Agreement, Comparison, differs } from "./comparison.ts";
import { MachineBuffers } from "./machine-buffers.ts";

/** What can happen next: on the machine, or a thread stops, as the model permits. */
export type Happening = Action | Move;

export class Interleaved extends Comparison {
  readonly driver: Interleaving;

  constructor(instance: Instance, system: System, paths: readonly PathFactory[], options: MachineOptions = {}) {
    const { model } = instance.memoryModel;
    const driver = new Interleaving(instance, paths, model === "sc" || model === "ra" ? options : { memoryModel: model, ...options });
    const isBuffered = system.memory !== null && system.memory.buffers.length > 0;
    super(system, driver, isBuffered ? new MachineBuffers(instance, system, driver) : null);
    this.driver = driver;
    this.watchBuffers();
  }

  /** Everything that can happen next. Rounds of waiting loops are left out: they change nothing. */
  happenings(): readonly Happening[] {
    const { driver, state, system } = this;
    if (state === null || driver.hasEnded) return [];
    const stops = this.moves().filter(({ transition }) => {
      const { kind, thread } = system.transitions[transition] ?? {};
      return kind === "stop" && thread != null && driver.canStop(thread);
    });
    const devices = this.devices().filter(({ cpu }) => driver.inside(cpu) === null);
    return [...driver.actions(), ...devices.map(({ rule, cpu }): Action => ({ kind: "device", rule, cpu })), ...stops];
  }

  /** Lets it happen, and compares. */
  take(happening: Happening): Agreement {
    if ("transition" in happening) return this.#stop(happening);
    let event: RunEvent;
    try {
      event = this.driver.perform(happening);
    } catch (error) {
      if (error instanceof NotPossible) return differs(`the machine cannot do this: ${error.message}`);
      if (error instanceof Error) return differs(`the machine failed: ${error.stack ?? error.message}`);
      throw error;
    }
    const { thread, kind, rule, pick } = event;
    const { violation, pruned } = this.driver;
    const isStep = thread !== null && (kind === "operation" || kind === "system-call") && (rule !== null || this.driver.hasEnded);
    const agreement =
      kind === "background" && rule !== null
        ? this.background(rule, event.cpu)
        : this.heed(isStep ? { thread, pick, report: { rule: rule ?? "", completed: null, violation, pruned } } : null);
    if (agreement.kind !== "agreed") return agreement;
    this.driver.settle();
    return this.driver.violation === null && !this.driver.pruned ? agreement : this.unchanged();
  }

  /** The same once more, from a state that was reached before: nothing is compared. */
  repeat(happening: Happening, after: State): void {
    if ("transition" in happening) this.#stopOnMachine(happening);
    else {
      this.driver.perform(happening);
      this.driver.settle();
    }
    this.adopt(after);
  }

  #stop(move: Move): Agreement {
    const { state } = this;
    if (state === null) return differs("the model has ended before this step");
    this.#stopOnMachine(move);
    return this.accept(move, state, null, fire(this.system, state, move));
  }

  #stopOnMachine({ transition }: Move): void {
    const { thread } = this.system.transitions[transition] ?? {};
    if (thread == null) throw new NotPossible("the step names no thread");
    this.driver.stop(thread);
  }
}
