/**
 * Replay: the protocol's own generator functions run natively on the machine, driven by a trace's decision list and
 * compared with the interpreter at every commit point. It ends with the violation seen natively, or with the first step
 * that differs.
 */
import { loadPaths, NotExecutable } from "../kernel/common/executor.ts";
import type { PathFactory } from "../kernel/common/path.ts";
import type { Instance } from "../model/language/protocol.ts";
import { type Move, possibleMoves } from "../model/system/interpret.ts";
import type { State, System } from "../model/system/system.ts";
import { judge } from "./judge.ts";
import { type Agreement, Lockstep } from "./lockstep.ts";
import type { Decision, ReplayResult, Trace } from "./trace.ts";

export interface ReplayOptions {
  /** In place of the kernel's own executable paths. */
  readonly paths?: readonly PathFactory[];
}

/** What keeps a trace from being replayed against a spec as it is now, and what to do about it; null if nothing does. */
export function specProblem(trace: Trace, spec: { readonly path: string; readonly hash: string }): string | null {
  if (trace.spec.hash === spec.hash) return null;
  return (
    `${spec.path} or a module that it imports has changed since this trace was written ` +
    `(${trace.spec.hash.slice(0, 12)} then, ${spec.hash.slice(0, 12)} now). Run "ipc-check verify ${spec.path}" for a trace of the spec as it is, or bring back the old spec.`
  );
}

/** Replays a trace against the protocol that it was made from. Never throws because of what is in the trace. */
export async function replayTrace(trace: Trace, instance: Instance, system: System, options: ReplayOptions = {}): Promise<ReplayResult> {
  const replay = await beginReplay(trace, instance, system, options);
  return replay instanceof Replay ? replay.run() : replay;
}

/** A replay before its first step, or why there is none. */
export async function beginReplay(trace: Trace, instance: Instance, system: System, options: ReplayOptions = {}): Promise<Replay | ReplayResult> {
  const mismatch = headerProblem(trace, instance);
  if (mismatch !== null) return { verdict: "not-run", step: 0, message: mismatch };
  if (instance.memoryModel.model === "ra")
    return {
      verdict: "not-run",
      step: 0,
      message: "the machine has store buffers, but no memory in which a store may become visible to one CPU before another",
    };
  try {
    const paths = options.paths ?? (await loadPaths(instance));
    return new Replay(trace, () => new Lockstep(instance, system, paths));
  } catch (error) {
    if (error instanceof NotExecutable) return { verdict: "not-run", step: 0, message: error.message };
    throw error;
  }
}

/** A replay under way. It can be taken back: the machine is deterministic, so the steps before are taken anew. */
export class Replay {
  readonly trace: Trace;
  readonly #begin: () => Lockstep;
  #lockstep: Lockstep;
  #step = 0;
  #result: ReplayResult | null;
  #states: (State | null)[];

  constructor(trace: Trace, begin: () => Lockstep) {
    this.trace = trace;
    this.#begin = begin;
    this.#lockstep = begin();
    this.#result = this.#conclude(this.#lockstep.start());
    this.#states = [this.#lockstep.state];
  }

  /** Steps taken. */
  get step(): number {
    return this.#step;
  }
  /** Set once there is no step to take. */
  get result(): ReplayResult | null {
    return this.#result;
  }
  /** The model's states from the first one on; null where a step was a violation. */
  get states(): readonly (State | null)[] {
    return this.#states;
  }
  /** The two sides as they stand; a step or a {@link goTo} may put others in their place. */
  get lockstep(): Lockstep {
    return this.#lockstep;
  }

  /** Takes the next step of the trace. */
  forward(): void {
    const decision = this.trace.decisions[this.#step];
    if (this.#result !== null || decision === undefined) return;
    const move = findMove(this.#lockstep, decision, this.trace.steps[this.#step]?.cpu ?? null);
    this.#step++;
    this.#result = this.#conclude(move === null ? { kind: "differs", difference: noSuchStep(decision) } : this.#lockstep.take(move));
    this.#states.push(this.#lockstep.state);
  }

  /** Takes all steps that are left. */
  run(): ReplayResult {
    while (this.#result === null) this.forward();
    return this.#result;
  }

  /** Goes to where `step` steps have been taken, or to the end if the replay ends before. */
  goTo(step: number): void {
    if (step < this.#step) {
      this.#lockstep = this.#begin();
      this.#step = 0;
      this.#result = this.#conclude(this.#lockstep.start());
      this.#states = [this.#lockstep.state];
    }
    while (this.#step < step && this.#result === null) this.forward();
  }

  /** The part that repeats for ever, once more: it must lead to the same state both times. Null if it does, or if there is none. */
  #repeat(): ReplayResult | null {
    const { decisions, loop = decisions.length } = this.trace;
    if (loop === decisions.length) return null;
    const here = JSON.stringify(this.#states[loop]);
    const differs = (step: number, message: string): ReplayResult => ({ verdict: "diverged", step, message });
    if (JSON.stringify(this.#lockstep.state) !== here) return differs(decisions.length, "the steps that repeat do not lead back to where they began");
    for (const [index, decision] of decisions.slice(loop).entries()) {
      const step = loop + index + 1;
      const move = findMove(this.#lockstep, decision, this.trace.steps[loop + index]?.cpu ?? null);
      if (move === null) return differs(step, `the second time round ${noSuchStep(decision)}`);
      const agreement = this.#lockstep.take(move);
      if (agreement.kind === "agreed") continue;
      const end = conclude(this.trace, agreement, step);
      return end === null ? null : { ...end, message: `the second time round: ${end.message}` };
    }
    return JSON.stringify(this.#lockstep.state) === here ? null : differs(decisions.length, "the second time round the steps that repeat lead elsewhere");
  }

  /** The verdict after a step; null to go on. */
  #conclude(agreement: Agreement): ReplayResult | null {
    const { trace } = this;
    const steps = trace.decisions.length;
    const end = conclude(trace, agreement, this.#step);
    if (end !== null || this.#step < steps) return end;
    if (trace.violation.failing) return { verdict: "diverged", step: steps, message: `after the last step there is no ${trace.violation.kind}` };
    const { executor, system } = this.#lockstep;
    const again = this.#repeat();
    if (again !== null) return again;
    const judgement = judge(trace, executor, system);
    const leaks = judgement.stands ? executor.leaks() : [];
    if (leaks.length > 0) return { verdict: "diverged", step: steps, message: `the machine has not given everything back: ${leaks.join("; ")}` };
    return judgement.stands
      ? { verdict: "reproduced", step: steps, message: judgement.evidence }
      : { verdict: "diverged", step: steps, message: judgement.reason };
  }
}

function noSuchStep({ rule }: Decision): string {
  return `the model has no step of this kind here (rule "${rule}")`;
}

/** What the trace says it was made from, against what it is given. */
function headerProblem(trace: Trace, instance: Instance): string | null {
  const { protocol, parameters, threads } = instance;
  if (trace.protocol !== protocol.name) return `the trace is of the protocol "${trace.protocol}", not of "${protocol.name}"`;
  const differing = [...new Set([...Object.keys(parameters), ...Object.keys(trace.parameters)])].find((name) => parameters[name] !== trace.parameters[name]);
  if (differing !== undefined)
    return `the trace has the parameter ${differing} = ${trace.parameters[differing] ?? "(none)"}, the protocol has ${parameters[differing] ?? "none"}`;
  if (trace.threads.length !== threads.length || trace.threads.some(({ name }, index) => name !== threads[index]?.name))
    return "the trace has other threads than the protocol";
  if (trace.kernel.name !== protocol.kernel.name) return `the trace is for the kernel ${trace.kernel.name}, the protocol for ${protocol.kernel.name}`;
  const { model } = trace.memoryModel;
  if (model !== instance.memoryModel.model) return `the trace is for the memory model ${model}, the protocol for ${instance.memoryModel.model}`;
  const option = [...new Set([...Object.keys(protocol.kernel.options), ...Object.keys(trace.kernel.options)])].find(
    (name) => protocol.kernel.options[name] !== trace.kernel.options[name],
  );
  if (option !== undefined)
    return `the trace has the kernel option ${option}: ${String(trace.kernel.options[option])}, the protocol has ${String(protocol.kernel.options[option])}`;
  return null;
}

/** The model's move that a decision means: the one it numbers, or, in a system numbered otherwise, the one of that rule. */
function findMove({ system, state }: Lockstep, decision: Decision, cpu: number | null): Move | null {
  if (state === null) return null;
  const fits = (id: number): boolean => {
    const transition = system.transitions[id];
    if (transition?.cpu !== undefined && cpu !== null && transition.cpu !== cpu) return false;
    return transition?.kind === decision.kind && transition.thread === decision.thread && transition.rule === decision.rule;
  };
  const moves = possibleMoves(system, state).filter(({ transition, pick }) => fits(transition) && pick === decision.pick);
  return moves.find(({ transition }) => transition === decision.transition) ?? moves[0] ?? null;
}

/** The verdict that a comparison leads to before the trace has ended; null to go on. */
function conclude(trace: Trace, agreement: Agreement, step: number): ReplayResult | null {
  const isLast = step === trace.decisions.length;
  const expected = trace.violation.failing && isLast ? trace.violation.kind : null;
  switch (agreement.kind) {
    case "agreed":
      return null;
    case "violation":
      if (agreement.native.kind === expected || (step === 0 && isLast && agreement.native.kind === trace.violation.kind))
        return { verdict: "reproduced", step, message: `${agreement.native.kind} on the machine: ${agreement.native.message}` };
      return {
        verdict: "diverged",
        step,
        message: `${agreement.native.kind} (${agreement.native.message}), where the trace ${isLast ? `ends with ${trace.violation.kind}` : "goes on"}`,
      };
    case "unseen":
      return { verdict: "not-run", step, message: `every step agrees, but the violation itself exists in the model only: ${agreement.message}` };
    case "early":
      return { verdict: "not-run", step, message: agreement.message };
    case "ahead":
      return { verdict: "diverged", step, message: "the machine goes on after the violation" };
    case "pruned":
      return { verdict: "diverged", step, message: "an assumption rules this schedule out" };
    case "differs":
      return { verdict: "diverged", step, message: agreement.difference };
  }
}
