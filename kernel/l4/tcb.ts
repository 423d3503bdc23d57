/**
 * What the executable L4 kernel keeps of a thread, after L4Ka::Pistachio's TCB: state, partner, a FIFO send queue linked
 * through the blocks of the senders, and message registers. A kernel built without strings, ids or spaces has no fields for
 * them.
 */
import { bool, type Domain, int, nobody, oneOf, type ThreadHandle, type Timeout, timeout } from "../../model/language/domain.ts";
import type { KernelHost } from "../common/path.ts";
import type { List, ListNode } from "../common/lists.ts";
import { type KernelRecord, layout, link, links, list } from "../common/records.ts";
import { initialValue } from "../common/words.ts";

export type State =
  | "running"
  | "requested"
  | "polling"
  | "sent"
  | "waiting"
  | "taking"
  | "taken"
  | "locked-waiting"
  | "tunneled-fault"
  | "fault-polling"
  | "fault-waiting";
export type IpcError = "none" | "timeout" | "non-existing" | "cancelled" | "overflow" | "transfer-timeout" | "partner-timeout" | "aborted";
export type Phase = "none" | "send" | "receive";
export type ReceivePhase = "none" | "open" | "local" | "closed";
export type Item = "none" | "mapped" | "absent";

interface Block {
  state: State;
  /** The receiver of a send under way; of a string the other partner, of a receiver that takes a distant sender that one. */
  partner: Tcb | null;
  /** The receive phase of the call under way, and from whom and how long it takes a message. */
  next: ReceivePhase;
  from: Tcb | null;
  receive: Timeout;
  /** Message registers: those that the thread sends, and those that it has been sent, with the sender. */
  outgoing: unknown;
  incoming: unknown;
  sender: Tcb | null;
  /** How the call has ended, for the thread to find: the error, and the phase that it ended. */
  error: IpcError;
  phase: Phase;
  deleted: boolean;
  /** Threads that poll on this one, oldest first, and the place of this one among those that poll on another. */
  readonly sendQueue: List<Tcb>;
  readonly links: ListNode;

  /** Strings: what the call sends and has room for, who answers page faults, and how long that may take. */
  string: Item;
  buffer: Item;
  pager: Tcb | null;
  transfer: Timeout;
  /** Ids: the number of this thread, that of its own block unless it is another's, and its version; those that a receive names, and those of the sender. */
  number: Tcb | null;
  version: number;
  fromVersion: number;
  senderVersion: number;
  /** Spaces: the block that this thread's space is named after, null for its own; in whose name it sends; who sent in another's name. */
  space: Tcb | null;
  as: Tcb | null;
  actual: Tcb | null;
  /** The halt bit. */
  halted: boolean;
  /** Direct switches: whose time slice this thread runs on; null: its own. */
  lender: Tcb | null;
}
export type Tcb = Block & KernelRecord;

/** How the kernel was built. */
export interface Build {
  readonly atomic: boolean;
  readonly strings: "none" | "x2" | "v2";
  readonly spaces: boolean;
  readonly versions: number;
  readonly halting: "none" | "unimplemented" | "deferred";
  readonly timerRace: boolean;
  readonly directSwitch: boolean;
}
function buildOf({
  atomic,
  strings = "none",
  spaces = false,
  versions = 1,
  halting = "none",
  timerRace = false,
  directSwitch = false,
}: Readonly<Record<string, unknown>>): Build {
  return { atomic, strings, spaces, versions, halting, timerRace, directSwitch } as Build;
}

/** All TCBs of a protocol, and what can be said about them. */
export class Tcbs {
  readonly all: readonly Tcb[];
  readonly build: Build;
  readonly nothing: unknown;
  readonly #threads: readonly ThreadHandle[];
  readonly #numbers: ReadonlyMap<Tcb, number>;

  constructor(host: KernelHost, message: Domain) {
    const build = buildOf(host.instance.protocol.kernel.options);
    const version = int(0, build.versions - 1);
    const item = oneOf("none", "mapped", "absent");
    this.build = build;
    this.#threads = host.threads;
    this.nothing = initialValue(message);
    const fields = {
      state: oneOf(
        "running",
        "requested",
        "polling",
        "sent",
        "waiting",
        "taking",
        "taken",
        "locked-waiting",
        "tunneled-fault",
        "fault-polling",
        "fault-waiting",
      ),
      partner: link<Tcb>(),
      next: oneOf("none", "open", "local", "closed"),
      from: link<Tcb>(),
      receive: timeout,
      outgoing: message,
      incoming: message,
      sender: link<Tcb>(),
      error: oneOf("none", "timeout", "non-existing", "cancelled", "overflow", "transfer-timeout", "partner-timeout", "aborted"),
      phase: oneOf("none", "send", "receive"),
      deleted: bool(),
      sendQueue: list<Tcb>("links", "send queue"),
      links: links(),
      ...(this.hasStrings ? { string: item, buffer: item, pager: link<Tcb>(), transfer: timeout } : {}),
      ...(this.hasVersions ? { number: link<Tcb>(), version, fromVersion: version, senderVersion: version } : {}),
      ...(build.spaces ? { space: link<Tcb>(), as: link<Tcb>(), actual: link<Tcb>() } : {}),
      ...(build.halting === "none" ? {} : { halted: bool() }),
      ...(build.directSwitch ? { lender: link<Tcb>() } : {}),
    };
    this.all = host.perThread(layout<Block>("tcb", fields as unknown as Parameters<typeof layout<Block>>[1]));
    this.#numbers = new Map(this.all.map((tcb, thread) => [tcb, thread]));
  }

  get hasStrings(): boolean {
    return this.build.strings !== "none";
  }
  get hasVersions(): boolean {
    return this.build.versions > 1;
  }

  indexOf(tcb: Tcb): number {
    return this.#numbers.get(tcb) ?? -1;
  }

  threadOf(tcb: Tcb | null): unknown {
    return tcb === null ? nobody : this.#threads[this.indexOf(tcb)];
  }

  /** The call of `me` is over, or its thread is gone. */
  reset(me: Tcb): void {
    me.state = "running";
    me.next = "none";
    me.from = null;
    me.receive = "infinite";
    if (this.hasStrings) {
      me.buffer = "none";
      me.pager = null;
      me.transfer = "infinite";
    }
    if (this.hasVersions) me.fromVersion = 0;
    this.clearSend(me);
  }

  /** Nothing is left of the send phase. */
  clearSend(me: Tcb): void {
    me.partner = null;
    me.outgoing = this.nothing;
    if (this.hasStrings) me.string = "none";
    if (this.build.spaces) me.as = null;
  }

  // Ids and spaces

  /** The block whose number a thread has. */
  numberOf(me: Tcb): Tcb {
    return (this.hasVersions ? me.number : null) ?? me;
  }

  versionOf(me: Tcb): number {
    return this.hasVersions ? me.version : 0;
  }

  /** The thread with an id: the global id check of ipc.cc. */
  lookUp(number: Tcb, version: number): Tcb | null {
    if (!this.hasVersions) return number.deleted ? null : number;
    return this.all.find((each) => !each.deleted && this.numberOf(each) === number && each.version === version) ?? null;
  }

  spaceOf(me: Tcb): Tcb {
    return me.space ?? me;
  }

  inOneSpace(a: Tcb, b: Tcb): boolean {
    return this.spaceOf(a) === this.spaceOf(b);
  }

  /** Whether a closed receive of `me` names this thread. */
  expects(me: Tcb, sender: Tcb): boolean {
    if (!this.hasVersions) return me.from === sender;
    return me.from === this.numberOf(sender) && me.fromVersion === sender.version;
  }

  /** Whether `me` can take a message now that `sender` sends in its own name, or in that of `as`. */
  isReadyFor(me: Tcb, sender: Tcb, as: Tcb | null): boolean {
    const { state } = me;
    if (state === "fault-waiting") return me.pager === sender;
    if (state !== "waiting") return false;
    const { next } = me;
    switch (next) {
      case "open":
        return true;
      case "local":
        return this.inOneSpace(me, sender);
      default:
        return this.expects(me, sender) || (as !== null && this.expects(me, as));
    }
  }

  /** The sender that the receive phase of `me` takes: the head of the queue, the first of its space, or the one that it names. */
  eligibleSender(me: Tcb): Tcb | null {
    if (me.next === "open") return me.sendQueue.head;
    if (me.next === "local") return [...me.sendQueue].find((each) => this.inOneSpace(me, each)) ?? null;
    const { from } = me;
    const sender = from === null || !this.hasVersions ? from : this.lookUp(from, me.fromVersion);
    return sender !== null && me.sendQueue.has(sender) ? sender : null;
  }
}
