/** The executable ExchangeRegisters and ThreadControl of L4 (L4Ka::Pistachio, exregs.cc and thread.cc). */
import { CheckFailed } from "../../model/language/operation.ts";
import { commit, type KernelHost, type KernelRoutine, type SystemCall } from "../common/path.ts";
import type { IpcPath } from "./path-ipc.ts";
import type { Phase, Tcb, Tcbs } from "./tcb.ts";

export class ControlPath {
  readonly #host: KernelHost;
  readonly #tcbs: Tcbs;
  readonly #ipc: IpcPath;

  constructor(host: KernelHost, tcbs: Tcbs, ipc: IpcPath) {
    this.#host = host;
    this.#tcbs = tcbs;
    this.#ipc = ipc;
  }

  /** The phase of an IPC that `target` is in, and whether the S and R bits find it there: not yet matched, or at its own page fault. */
  #standing({ state }: Tcb): { readonly phase: Phase; readonly ends: "cancelled" | "aborted" | null } {
    switch (state) {
      case "polling":
        return { phase: "send", ends: "cancelled" };
      case "waiting":
        return { phase: "receive", ends: "cancelled" };
      case "fault-polling":
        return { phase: "send", ends: "aborted" };
      case "fault-waiting":
        return { phase: "receive", ends: "aborted" };
      case "locked-waiting":
        return { phase: "receive", ends: this.#tcbs.hasStrings ? "aborted" : null };
      default:
        return { phase: "none", ends: null };
    }
  }

  #end(target: Tcb, ends: "cancelled" | "aborted", phase: Phase): void {
    if (ends === "aborted") {
      this.#ipc.strings.abort(target, "aborted", "aborted");
      return;
    }
    this.#ipc.unlink(target);
    this.#ipc.end(target, "cancelled", phase);
  }

  /**
   * ExchangeRegisters with S and R: acts only on a thread that polls or waits. Rules (control.ts): "nothing to cancel", "abort a transfer", "cancel
   * a send", "cancel a receive". After exregs.cc.
   */
  *cancel({ thread, args }: SystemCall): KernelRoutine {
    const target = this.#ipc.named(args["target"], "target");
    const { phase, ends } = this.#standing(target);
    if (ends === null) {
      yield commit("nothing to cancel");
      return { acted: false };
    }
    this.#end(target, ends, phase);
    yield this.#ipc.done(this.#tcbs.all[thread] ?? null, ends === "aborted" ? "abort a transfer" : `cancel a ${phase}`);
    return { acted: true };
  }

  /** Whether the target was sending or receiving, as the old bits tell. */
  #bits(target: Tcb): { readonly S: boolean; readonly R: boolean } {
    const transfer = this.#ipc.strings.partners(target);
    if (transfer !== null) return { S: transfer.sender === target, R: transfer.receiver === target };
    const { state } = target;
    return { S: ["requested", "polling", "taken"].includes(state), R: ["waiting", "taking", "locked-waiting"].includes(state) };
  }

  /**
   * Rules (control.ts): "exchange without privilege", "exchange: cancel the send", "exchange: cancel the receive", "exchange: leave the IPC",
   * "exchange: abort the transfer", "halt inside an IPC". After exregs.cc.
   */
  *exchange({ thread, args }: SystemCall): KernelRoutine {
    const me = this.#tcbs.all[thread] as Tcb;
    const target = this.#ipc.named(args["target"], "target");
    const { spaces, halting } = this.#tcbs.build;
    if (spaces && !this.#tcbs.inOneSpace(me, target)) {
      yield commit("exchange without privilege");
      return { error: "no-privilege", S: false, R: false, H: false };
    }
    const { phase, ends } = this.#standing(target);
    const acts = ends !== null && ((phase === "send" && args["S"] === true) || (phase === "receive" && args["R"] === true));
    if (halting === "unimplemented" && args["H"] === "halt" && !acts && target.state !== "running")
      throw new CheckFailed("halting a thread inside an IPC is not implemented");
    const old = this.#bits(target);
    if (acts) this.#end(target, ends, phase);
    const H = halting !== "none" && target.halted;
    if (halting !== "none" && args["H"] !== "keep") target.halted = args["H"] === "halt";
    const rule = !acts ? "leave the IPC" : ends === "aborted" ? "abort the transfer" : `cancel the ${phase}`;
    yield this.#ipc.done(me, `exchange: ${rule}`);
    return { error: "none", ...old, H };
  }

  /** The target is unwound; those who poll on it are unlinked and not told. */
  destroy(target: Tcb): void {
    this.#ipc.strings.leave(target);
    const { state, partner } = target;
    if (state === "taking" && partner?.state === "taken") {
      partner.state = "polling";
      this.#ipc.disturb(partner);
    }
    while (target.sendQueue.dequeue() !== null);
    this.#ipc.switching.block(target);
    target.deleted = true;
  }

  /** ThreadControl deletion. Rules (control.ts): "delete". After thread.cc. */
  *remove({ thread, args }: SystemCall): KernelRoutine {
    const target = this.#ipc.named(args["target"], "target");
    this.destroy(target);
    this.#host.kill(this.#tcbs.indexOf(target));
    yield this.#ipc.done(this.#tcbs.all[thread] ?? null, "delete");
    return {};
  }

  /** ThreadControl creation: a thread under the number of another one. Rules (control.ts): "create: number in use", "create". After thread.cc. */
  *create({ args }: SystemCall): KernelRoutine {
    const target = this.#ipc.named(args["target"], "target");
    const number = this.#ipc.named(args["as"], "as");
    const holder = this.#tcbs.all.find((each) => each !== target && !each.deleted && this.#tcbs.numberOf(each) === number);
    if (holder !== undefined || target.deleted) {
      yield commit("create: number in use");
      return { error: "unavailable-thread" };
    }
    target.number = number === target ? null : number;
    target.version = Number(args["version"]);
    yield commit("create");
    return { error: "none" };
  }

  /** ThreadControl with a space specifier. Rules (control.ts): "move". After thread.cc. */
  *move({ args }: SystemCall): KernelRoutine {
    const target = this.#ipc.named(args["target"], "target");
    const space = this.#tcbs.spaceOf(this.#ipc.named(args["into"], "into"));
    target.space = space === target ? null : space;
    yield commit("move");
    return {};
  }
}
