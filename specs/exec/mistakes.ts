/**
 * What destroys Exec's lists or its processor: linking a message twice, using a request that is under way, taking a reply twice,
 * Permit without Forbid, waiting in an interrupt. The kernel here says so, where Exec would go on until it meets the guru.
 */
import { int, protocol } from "ipc-check";
import * as exec from "ipc-check/kernels/exec";

const { kernel, port, message, request, device, interrupt } = exec.system({ value: int(0, 0), signals: 1 });

type Mistake = "put" | "reply" | "begin" | "do" | "twice" | "stolen" | "permit" | "enable" | "forbid" | "disable";
const mistake = (name: string, what: Mistake) =>
  protocol(name, {
    kernel,
    objects: { unit: port(), replies: port(), disk: device({ unit: "unit" }), io: request({ replyPort: "replies" }), note: message() },
    threads: {
      task: {
        cpu: 0,
        *run({ exec, unit, replies, disk, io, note }) {
          yield* replies.create(0);
          if (what === "put") {
            yield* unit.putMsg(note, 0);
            yield* unit.putMsg(note, 0);
          }
          if (what === "reply") {
            yield* unit.putMsg(note, 0);
            yield* exec.replyMsg(note.number, 0);
          }
          if (what === "begin" || what === "do") yield* disk.sendIO(io, 0);
          if (what === "begin") yield* disk.sendIO(io, 0);
          if (what === "do" || what === "twice" || what === "stolen") yield* disk.doIO(io, 0);
          if (what === "twice") yield* exec.waitIO(io);
          if (what === "permit") yield* exec.permit();
          if (what === "enable") yield* exec.enable();
          if (what === "forbid") for (let depth = 0; depth < 4; depth++) yield* exec.forbid();
          if (what === "disable") for (let depth = 0; depth < 4; depth++) yield* exec.disable();
        },
      },
      driver: {
        cpu: 0,
        *run({ exec, unit, replies }) {
          if (what === "twice" || what === "stolen") {
            yield* unit.create(0);
            yield* unit.waitPort();
            const next = yield* unit.getMsg();
            if (next.error === "none") yield* exec.replyMsg(next.message, 0);
          }
          if (what === "stolen") yield* replies.getMsg();
        },
      },
    },
    expect: { violated: "assertion" },
  });

export const put = mistake("a message is put twice", "put");
export const reply = mistake("a message that is queued is replied to", "reply");
export const begin = mistake("a request is begun twice", "begin");
export const again = mistake("a request that is under way is done", "do");
export const twice = mistake("a reply is taken twice", "twice");
export const stolen = mistake("another takes the reply", "stolen");
export const permit = mistake("Permit without Forbid", "permit");
export const enable = mistake("Enable without Disable", "enable");
export const forbid = mistake("Forbid, nested too deeply", "forbid");
export const disable = mistake("Disable, nested too deeply", "disable");

type Wrong = "Wait" | "WaitPort" | "WaitIO" | "DoIO" | "AddIntServer";
const inInterrupt = (name: string, what: Wrong) =>
  protocol(name, {
    kernel,
    objects: { unit: port(), disk: device({ unit: "unit" }), io: request({ replyPort: "unit" }), beam: interrupt({ raises: 1 }) },
    threads: {
      server: {
        cpu: 0,
        *run({ exec, unit, disk, io, beam }) {
          yield* beam.serve();
          if (what === "Wait") yield* exec.wait(1);
          if (what === "WaitPort") yield* unit.waitPort();
          if (what === "WaitIO") {
            yield* disk.sendIO(io, 0);
            yield* exec.waitIO(io);
          }
          if (what === "DoIO") yield* disk.doIO(io, 0);
        },
      },
      other: {
        cpu: 0,
        *run({ beam }) {
          if (what === "AddIntServer") yield* beam.serve();
        },
      },
    },
    expect: { violated: "assertion" },
  });

export const waits = inInterrupt("an interrupt waits", "Wait");
export const waitsAtPort = inInterrupt("an interrupt waits at a port", "WaitPort");
export const waitsForRequest = inInterrupt("an interrupt waits for a request", "WaitIO");
export const does = inInterrupt("an interrupt does I/O", "DoIO");
export const servesToo = inInterrupt("two serve one interrupt", "AddIntServer");
