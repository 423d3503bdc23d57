/**
 * Operations on ports: giving up rights, destroying a port, asking for notifications, joining a set, and the end of a
 * task (mach_port.c, ipc_right.c, ipc_port.c).
 *
 * A port dies in one step, which wakes everybody who is blocked at it. What follows is done without its lock, and others
 * come between: who asked for no-senders gets a send-once notification, queued messages are destroyed with their rights,
 * and who asked is told of the dead name.
 */
import {
  type Domain,
  int,
  oneOf,
  operation,
  type Operation,
  type Rule,
  type RuleContext,
  type StateContext,
  type ThreadId,
} from "../../model/language/index.ts";
import type { MessageOperation } from "./message.ts";
import { isOnce, nameOf, none, objectOf, onceNameOf } from "./names.ts";
import type { Queues, Variant } from "./queues.ts";
import type { Rights } from "./rights.ts";
import type { State } from "./state.ts";

type Of<V> = Domain<V>;
export type PortError = "none" | "invalid-name" | "invalid-right";
type Outcome = { readonly error: Of<PortError> };
type Request = { readonly error: Of<PortError>; readonly previous: Of<number> };
type Target = { readonly task: Of<number>; readonly name: Of<number> };

export interface PortOperations {
  readonly deallocate: Operation<Target, Outcome>;
  readonly destroy: Operation<Target, Outcome>;
  readonly requestNoSenders: Operation<Target & { readonly notify: Of<number>; readonly sync: Of<number> }, Request>;
  readonly requestDeadName: Operation<Target & { readonly notify: Of<number> }, Request>;
  readonly moveMember: Operation<Target & { readonly set: Of<number> }, Outcome>;
  readonly terminate: Operation<{ readonly task: Of<number> }, {}>;
}

export function portsOf<M>(
  { thread, port, space }: State<M>,
  queues: Queues<M>,
  rights: Rights,
  { personality }: Variant,
  message: MessageOperation<M>,
  nothing: M,
): PortOperations {
  const died = personality === "gnu" ? "receive-port-died" : "receive-port-changed";
  const wakeReceiver = (k: Pick<RuleContext, "of" | "completeOf">, receiver: ThreadId, error: "receive-port-died" | "receive-port-changed"): void => {
    k.of(thread, receiver).phase = "user";
    k.completeOf(message, receiver, { error, id: "message", message: nothing, data: 0, right: none, port: none, authentic: false });
  };

  type Dying = Pick<RuleContext, "of" | "self" | "priorityOf" | "completeOf">;
  const isDying = (k: Pick<StateContext, "of" | "self">): boolean => k.of(thread, k.self).phase === "dying";
  const dyingPort = (k: Pick<StateContext, "of" | "self">): number => k.of(thread, k.self).dying - 1;
  /** Under the lock of the port: it is dead, and everybody who is blocked at it goes on. */
  const die = (k: Dying, task: number, object: number): void => {
    const at = k.of(port, object);
    k.of(space, task).receive.set(object, false);
    if (at.set !== 0) queues.leave(k, object);
    at.active = false;
    at.count = 0;
    at.srights = 0;
    at.mscount = 0;
    while (at.senders.length > 0) k.of(thread, at.senders.shift()).phase = "send-go";
    while (at.receivers.length > 0) wakeReceiver(k, at.receivers.shift(), died);
    k.of(thread, k.self).phase = "dying";
    k.of(thread, k.self).dying = nameOf(object);
  };
  const asked = (k: Pick<StateContext, "of" | "self">): boolean => k.of(port, dyingPort(k)).nsrequest !== none;
  const queued = (k: Pick<StateContext, "of" | "self">): boolean => k.of(port, dyingPort(k)).queue.length > 0;
  const requested = (k: Pick<StateContext, "of" | "self">): boolean => k.of(port, dyingPort(k)).dnrequests.length > 0;
  const buried = (k: Dying): void => {
    k.of(thread, k.self).phase = "user";
    k.of(thread, k.self).dying = none;
  };
  /** What follows the death of a port, step by step. */
  const burial = {
    "tell who asked for no-senders": {
      when: (k: Pick<StateContext, "of" | "self">) => isDying(k) && asked(k),
      do: (k: Dying) => {
        const at = k.of(port, dyingPort(k));
        const request = objectOf(at.nsrequest);
        at.nsrequest = none;
        rights.notify(k, request, "send-once", 0);
      },
    },
    "destroy a queued message": {
      when: (k: Pick<StateContext, "of" | "self">) => isDying(k) && !asked(k) && queued(k),
      do: (k: Dying) => rights.destroyRight(k, k.of(port, dyingPort(k)).queue.shift().right),
    },
    "tell of the dead name": {
      when: (k: Pick<StateContext, "of" | "self">) => isDying(k) && !asked(k) && !queued(k) && requested(k),
      do: (k: Dying) => {
        const object = dyingPort(k);
        const request = k.of(port, object).dnrequests.shift();
        const names = k.of(space, request.task).send;
        if (names.at(object) > 0) {
          rights.count(names, object, 1);
          rights.notify(k, request.notify, "dead-name", nameOf(object));
        }
      },
    },
  } satisfies Readonly<Record<string, Rule>>;
  const isBuried = (k: Pick<StateContext, "of" | "self">): boolean => isDying(k) && !asked(k) && !queued(k) && !requested(k);

  const target = { task: int(0, 14), name: int(0, 31) };
  const outcome = { error: oneOf("none", "invalid-name", "invalid-right") };
  const isIdle = (k: Pick<StateContext, "of" | "self">): boolean => k.of(thread, k.self).phase === "user";
  const ownsPort = (k: StateContext<typeof target>, name: number): boolean =>
    name !== none && !isOnce(name) && k.of(space, k.args.task).receive.at(objectOf(name)) && !k.of(port, objectOf(name)).isSet;
  const holdsName = (k: StateContext<typeof target>): boolean => rights.holds(k, k.args.task, k.args.name);
  const isAlive = (k: StateContext<typeof target>): boolean => rights.isAlive(k, objectOf(k.args.name));
  const noPort = { error: "invalid-right", previous: none } as const;

  /** A task that gives up its last reference is told so if it had asked for the dead name. */
  const cancel = (k: Dying, task: number, object: number): void => {
    const requests = k.of(port, object).dnrequests;
    let left = requests.length;
    while (left > 0) {
      const request = requests.shift();
      if (request.task === task) rights.notify(k, request.notify, "port-deleted", nameOf(object));
      else requests.push(request);
      left -= 1;
    }
  };

  /** `mach_port_deallocate`: one reference of a send right, a send-once right or a dead name less. */
  const deallocate = operation({
    name: "mach_port_deallocate",
    args: target,
    result: outcome,
    rules: {
      "no such name": {
        when: (k) => !holdsName(k),
        do: (k) => k.complete(k.self, { error: "invalid-name" }),
      },
      "give up a reference of a send right": {
        when: (k) => !isOnce(k.args.name) && holdsName(k) && isAlive(k),
        do: (k) => {
          const object = objectOf(k.args.name);
          const sends = k.of(space, k.args.task).send;
          rights.count(sends, object, -1);
          if (sends.at(object) === 0) {
            cancel(k, k.args.task, object);
            rights.dropSend(k, object);
          }
          k.complete(k.self, { error: "none" });
        },
      },
      "destroy a send-once right": {
        when: (k) => isOnce(k.args.name) && holdsName(k) && isAlive(k),
        do: (k) => {
          const onces = k.of(space, k.args.task).once;
          rights.count(onces, objectOf(k.args.name), -1);
          rights.notify(k, objectOf(k.args.name), "send-once", 0);
          k.complete(k.self, { error: "none" });
        },
      },
      "give up a dead name": {
        when: (k) => holdsName(k) && !isAlive(k),
        do: (k) => {
          const object = objectOf(k.args.name);
          const owned = k.of(space, k.args.task);
          if (isOnce(k.args.name)) rights.count(owned.once, object, -1);
          else rights.count(owned.send, object, -1);
          k.complete(k.self, { error: "none" });
        },
      },
    },
    general: ({ objects }) => {
      const tasks = objects.filter(({ type }) => type.name === "mach.task").map(({ ref }) => ref.index);
      const ports = objects.filter(({ type }) => type.name === "mach.port").map(({ ref }) => ref.index);
      return tasks.flatMap((task) => ports.flatMap((each) => [nameOf(each), onceNameOf(each)].map((name) => ({ task, name }))));
    },
  });

  /** `mach_port_destroy` of a receive right. */
  const destroy = operation({
    name: "mach_port_destroy",
    args: target,
    result: outcome,
    general: ({ objects }) => {
      const tasks = objects.filter(({ type }) => type.name === "mach.task").map(({ ref }) => ref.index);
      return tasks.flatMap((task) => objects.filter(({ type }) => type.name === "mach.port").map(({ ref }) => ({ task, name: nameOf(ref.index) })));
    },
    rules: {
      "not a receive right": {
        when: (k) => isIdle(k) && !ownsPort(k, k.args.name),
        do: (k) => k.complete(k.self, { error: "invalid-right" }),
      },
      "the port dies": {
        when: (k) => isIdle(k) && ownsPort(k, k.args.name),
        do: (k) => die(k, k.args.task, objectOf(k.args.name)),
      },
      ...burial,
      "the port is destroyed": {
        when: (k) => isBuried(k),
        do: (k) => {
          buried(k);
          k.complete(k.self, { error: "none" });
        },
      },
    },
  });

  const requestNoSenders = operation({
    name: "mach_port_request_notification",
    args: { ...target, notify: int(0, 15), sync: int(0, 15) },
    result: { ...outcome, previous: int(0, 31) },
    general: ({ objects }) => {
      const tasks = objects.filter(({ type }) => type.name === "mach.task").map(({ ref }) => ref.index);
      const ports = objects.filter(({ type }) => type.name === "mach.port").map(({ ref }) => nameOf(ref.index));
      return tasks.flatMap((task) => ports.flatMap((name) => ports.map((notify) => ({ task, name, notify, sync: 0 }))));
    },
    rules: {
      "no right to ask for no-senders": {
        when: (k) => !ownsPort(k, k.args.name) || !ownsPort(k, k.args.notify),
        do: (k) => k.complete(k.self, noPort),
      },
      "no senders already": {
        when: (k) => {
          if (!ownsPort(k, k.args.name) || !ownsPort(k, k.args.notify)) return false;
          const at = k.of(port, objectOf(k.args.name));
          return at.srights === 0 && k.args.sync <= at.mscount;
        },
        do: (k) => {
          rights.notify(k, objectOf(k.args.notify), "no-senders", k.of(port, objectOf(k.args.name)).mscount);
          k.complete(k.self, { error: "none", previous: none });
        },
      },
      "ask for no-senders": {
        when: (k) => {
          if (!ownsPort(k, k.args.name) || !ownsPort(k, k.args.notify)) return false;
          const at = k.of(port, objectOf(k.args.name));
          return at.srights > 0 || k.args.sync > at.mscount;
        },
        do: (k) => {
          const at = k.of(port, objectOf(k.args.name));
          const before = at.nsrequest;
          at.nsrequest = k.args.notify;
          k.complete(k.self, { error: "none", previous: before === none ? none : rights.give(k, k.args.task, onceNameOf(objectOf(before))) });
        },
      },
    },
  });

  const requestDeadName = operation({
    name: "mach_port_request_notification (dead name)",
    args: { ...target, notify: int(0, 15) },
    result: { ...outcome, previous: int(0, 31) },
    general: false,
    rules: {
      "no right to ask for the dead name": {
        when: (k) => isOnce(k.args.name) || !holdsName(k) || !ownsPort(k, k.args.notify),
        do: (k) => k.complete(k.self, noPort),
      },
      "ask for the dead name": {
        when: (k) => !isOnce(k.args.name) && holdsName(k) && ownsPort(k, k.args.notify) && isAlive(k),
        do: (k) => {
          // A task has one request for each name: the new one takes the place of the old one, whose right comes back.
          const requests = k.of(port, objectOf(k.args.name)).dnrequests;
          let left = requests.length;
          let previous = none;
          while (left > 0) {
            const request = requests.shift();
            if (request.task === k.args.task) previous = onceNameOf(request.notify);
            else requests.push(request);
            left -= 1;
          }
          requests.push({ task: k.args.task, notify: objectOf(k.args.notify) });
          k.complete(k.self, { error: "none", previous: rights.give(k, k.args.task, previous) });
        },
      },
      "the name is dead already": {
        when: (k) => !isOnce(k.args.name) && holdsName(k) && ownsPort(k, k.args.notify) && !isAlive(k),
        do: (k) => {
          const names = k.of(space, k.args.task).send;
          rights.count(names, objectOf(k.args.name), 1);
          rights.notify(k, objectOf(k.args.notify), "dead-name", k.args.name);
          k.complete(k.self, { error: "none", previous: none });
        },
      },
    },
  });

  const moveMember = operation({
    name: "mach_port_move_member",
    args: { ...target, set: int(0, 15) },
    result: outcome,
    general: ({ objects }) => {
      const of = (name: string): readonly number[] => objects.filter(({ type }) => type.name === name).map(({ ref }) => ref.index);
      return of("mach.task").flatMap((task) =>
        of("mach.port").flatMap((each) => [none, ...of("mach.set").map(nameOf)].map((set) => ({ task, name: nameOf(each), set }))),
      );
    },
    rules: {
      "no right to the port or the set": {
        when: (k) =>
          !ownsPort(k, k.args.name) || (k.args.set !== none && !(k.of(space, k.args.task).receive.at(k.args.set - 1) && k.of(port, k.args.set - 1).isSet)),
        do: (k) => k.complete(k.self, { error: "invalid-right" }),
      },
      "join a set": {
        when: (k) => ownsPort(k, k.args.name) && k.args.set !== none && k.of(space, k.args.task).receive.at(k.args.set - 1) && k.of(port, k.args.set - 1).isSet,
        do: (k) => {
          const object = objectOf(k.args.name);
          const at = k.of(port, object);
          if (at.set !== none) queues.leave(k, object);
          if (personality === "gnu") while (at.receivers.length > 0) wakeReceiver(k, at.receivers.shift(), "receive-port-changed");
          queues.join(k, object, k.args.set - 1);
          k.complete(k.self, { error: "none" });
        },
      },
      "leave the set": {
        when: (k) => ownsPort(k, k.args.name) && k.args.set === none,
        do: (k) => {
          if (k.of(port, objectOf(k.args.name)).set !== none) queues.leave(k, objectOf(k.args.name));
          k.complete(k.self, { error: "none" });
        },
      },
    },
  });

  /** The first object of which the task has such a right, or -1. */
  const firstOnce = (k: StateContext, task: number): number => {
    const onces = k.of(space, task).once;
    for (let object = 0; object < onces.length; object++) if (onces.at(object) > 0) return object;
    return -1;
  };
  const firstSend = (k: StateContext, task: number): number => {
    const sends = k.of(space, task).send;
    for (let object = 0; object < sends.length; object++) if (sends.at(object) > 0) return object;
    return -1;
  };
  const firstReceive = (k: StateContext, task: number): number => {
    const receives = k.of(space, task).receive;
    for (let object = 0; object < receives.length; object++) if (receives.at(object) && !k.of(port, object).isSet) return object;
    return -1;
  };
  /** `task_terminate` of one's own task: its rights go one after the other, those to send before those to receive. */
  const terminate = operation({
    name: "task_terminate",
    args: { task: int(0, 14) },
    result: {},
    general: ({ objects }) => objects.filter(({ type }) => type.name === "mach.task").map(({ ref }) => ({ task: ref.index })),
    rules: {
      "a send-once right goes": {
        when: (k) => isIdle(k) && firstOnce(k, k.args.task) >= 0,
        do: (k) => {
          const object = firstOnce(k, k.args.task);
          const onces = k.of(space, k.args.task).once;
          onces.set(object, onces.at(object) - 1);
          rights.notify(k, object, "send-once", 0);
        },
      },
      "a send right goes": {
        when: (k) => isIdle(k) && firstOnce(k, k.args.task) < 0 && firstSend(k, k.args.task) >= 0,
        do: (k) => {
          const object = firstSend(k, k.args.task);
          k.of(space, k.args.task).send.set(object, 0);
          rights.dropSend(k, object);
        },
      },
      "a receive right goes": {
        when: (k) => isIdle(k) && firstOnce(k, k.args.task) < 0 && firstSend(k, k.args.task) < 0 && firstReceive(k, k.args.task) >= 0,
        do: (k) => die(k, k.args.task, firstReceive(k, k.args.task)),
      },
      ...burial,
      "its port is gone": {
        when: (k) => isBuried(k),
        do: (k) => buried(k),
      },
      "the task ends": {
        when: (k) => isIdle(k) && firstOnce(k, k.args.task) < 0 && firstSend(k, k.args.task) < 0 && firstReceive(k, k.args.task) < 0,
        do: (k) => k.terminate(k.self),
      },
    },
  });
  return { deallocate, destroy, requestNoSenders, requestDeadName, moveMember, terminate } as unknown as PortOperations;
}
