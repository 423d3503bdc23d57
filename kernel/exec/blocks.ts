/** What the executable Exec keeps: task structures, messages and requests, ports with their lists, units, interrupts. */
import { bool, type Domain, type DomainShape, int, nobody, oneOf } from "../../model/language/domain.ts";
import { OutOfRange } from "../../model/language/operation.ts";
import type { List, ListNode } from "../common/lists.ts";
import type { KernelHost } from "../common/path.ts";
import { type KernelRecord, layout, link, links, list } from "../common/records.ts";

interface TaskBlock {
  state: "run" | "tested" | "wait" | "ready";
  role: "task" | "server" | "handling";
  allocated: number;
  received: number;
  awaited: number;
  forbids: number;
  disables: number;
  began: boolean;
  /** The interrupt that it serves. */
  serves: Interrupt | null;
}
export type Task = TaskBlock & KernelRecord;

interface MessageBlock {
  readonly links: ListNode;
  type: "unknown" | "message" | "replymsg" | "freemsg";
  list: Port | null;
  replyPort: Port | null;
  value: unknown;
  quick: boolean;
  aborted: boolean;
  device: Device | null;
}
export type Message = MessageBlock & KernelRecord;

interface PortBlock {
  readonly list: List<Message>;
  task: Task | null;
  bit: number;
  action: "signal" | "softint" | "ignore";
  interrupt: Interrupt | null;
}
export type Port = PortBlock & KernelRecord;

interface DeviceBlock {
  unit: Port | null;
  quick: "always" | "when-idle" | "never";
  aborts: boolean;
}
export type Device = DeviceBlock & KernelRecord;

interface InterruptBlock {
  caused: boolean;
  server: Task | null;
  raises: number;
}
export type Interrupt = InterruptBlock & KernelRecord;

export class Blocks {
  readonly tasks: readonly Task[];
  readonly messages: ReadonlyMap<number, Message>;
  readonly ports: ReadonlyMap<number, Port>;
  readonly devices: ReadonlyMap<number, Device>;
  readonly interrupts: ReadonlyMap<number, Interrupt>;
  readonly #host: KernelHost;
  readonly #numbers: ReadonlyMap<KernelRecord, number>;

  constructor(host: KernelHost, value: DomainShape) {
    this.#host = host;
    const word = int(0, 255);
    const nest = int(0, 7);
    this.tasks = host.perThread(
      layout<TaskBlock>("task", {
        state: oneOf("run", "tested", "wait", "ready"),
        role: oneOf("task", "server", "handling"),
        allocated: word,
        received: word,
        awaited: word,
        forbids: nest,
        disables: nest,
        began: bool(),
        serves: link<Interrupt>(),
      }),
    );
    const message = layout<MessageBlock>("message", {
      links: links(),
      type: oneOf("unknown", "message", "replymsg", "freemsg"),
      list: link<Port>(),
      replyPort: link<Port>(),
      value: value as Domain,
      quick: bool(),
      aborted: bool(),
      device: link<Device>(),
    });
    this.messages = new Map([...host.perObject("exec.message", message), ...host.perObject("exec.request", message)]);
    this.ports = host.perObject(
      "exec.port",
      layout<PortBlock>("port", {
        list: list<Message>("links", "message list"),
        task: link<Task>(),
        bit: word,
        action: oneOf("signal", "softint", "ignore"),
        interrupt: link<Interrupt>(),
      }),
    );
    this.devices = host.perObject(
      "exec.device",
      layout<DeviceBlock>("device", { unit: link<Port>(), quick: oneOf("always", "when-idle", "never"), aborts: bool() }),
    );
    this.interrupts = host.perObject("exec.interrupt", layout<InterruptBlock>("interrupt", { caused: bool(), server: link<Task>(), raises: word }));
    this.#numbers = new Map<KernelRecord, number>([
      ...this.tasks.map((task, number): [KernelRecord, number] => [task, number]),
      ...[this.messages, this.ports, this.devices, this.interrupts].flatMap((objects) =>
        [...(objects as ReadonlyMap<number, KernelRecord>)].map(([number, each]): [KernelRecord, number] => [each, number]),
      ),
    ]);
    this.#configure();
  }

  /** What the protocol declares of its objects: lists of messages, reply ports, units. */
  #configure(): void {
    const { objects } = this.#host.instance;
    const named = <T>(all: ReadonlyMap<number, T>, name: unknown): T | null => {
      const found = objects.find(({ ref }) => ref.name === name);
      return found === undefined ? null : (all.get(found.ref.index) ?? null);
    };
    for (const { ref, type } of objects) {
      const { options } = type;
      const message = this.messages.get(ref.index);
      if (message !== undefined) message.replyPort = named(this.ports, options["replyPort"]);
      const port = this.ports.get(ref.index);
      if (port !== undefined) {
        port.action = options["action"] as Port["action"];
        port.interrupt = named(this.interrupts, options["interrupt"]);
      }
      const device = this.devices.get(ref.index);
      if (device !== undefined) {
        device.unit = named(this.ports, options["unit"]);
        device.quick = options["quick"] as Device["quick"];
        device.aborts = options["aborts"] === true;
      }
      const interrupt = this.interrupts.get(ref.index);
      if (interrupt !== undefined) interrupt.raises = Number(options["raises"]);
    }
  }

  /** The number of a task or an object; -1 for none. */
  numberOf(block: KernelRecord | null): number {
    return block === null ? -1 : (this.#numbers.get(block) ?? -1);
  }
  handleOf(task: Task | null): unknown {
    return task === null ? nobody : this.#host.threads[this.numberOf(task)];
  }
  task(number: number): Task {
    const found = this.tasks[number];
    if (found === undefined) throw new OutOfRange("nobody is no task");
    return found;
  }
}

/** What is known by a number in one of the tables. */
export function known<T>(all: ReadonlyMap<number, T>, number: number, what: string): T {
  const found = all.get(number);
  if (found === undefined) throw new OutOfRange(`there is no ${what} ${number}`);
  return found;
}
