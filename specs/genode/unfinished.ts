/**
 * What is still under way when something ends: a signal that is submitted but not delivered when its context is dissolved,
 * by two threads at once; a call that is cancelled while its request is processed, and whose caller calls again; signals
 * that wait at an entrypoint which goes. Nothing of it may come back: a swallowed reply is no answer to the next call. Who
 * takes the first call for granted is wrong.
 */
import { check, int, protocol } from "ipc-check";
import * as genode from "ipc-check/kernels/genode";

const { kernel, entrypoint, signal } = genode.system({ cpus: 1, message: int(0, 1), counts: 1 });
const { kernel: hardware, entrypoint: hardwareEntrypoint, signal: hardwareSignal } = genode.system({ cpus: 1, message: int(0, 1), counts: 1, core: "base-hw" });

function* echo(service: genode.Entrypoint<number>) {
  let request = yield* service.wait();
  while (true) request = yield* service.replyAndWait(request.kind === "rpc" ? request.message : 0);
}

export const broken = protocol("a call that is taken for granted", {
  kernel,
  objects: { service: entrypoint() },
  threads: {
    server: {
      cpu: 0,
      *run({ service }) {
        yield* echo(service);
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        const { error } = yield* service.call(0);
        check(error === "none", "the call is answered");
      },
    },
    watchdog: {
      cpu: 0,
      *run({ control, threads }) {
        yield* control.cancel(threads.client);
      },
    },
  },
  expect: { violated: "assertion" },
});

export const repaired = protocol("a call that is repeated, and a swallowed reply", {
  kernel,
  objects: { service: entrypoint() },
  threads: {
    server: {
      cpu: 0,
      *run({ service }) {
        yield* echo(service);
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        const first = yield* service.call(0);
        if (first.error === "none") check(first.reply === 0, "the reply answers the first call");
        const second = yield* service.call(1);
        if (second.error === "none") check(second.reply === 1, "the reply answers the second call");
      },
    },
    watchdog: {
      cpu: 0,
      *run({ control, threads }) {
        yield* control.cancel(threads.client);
      },
    },
  },
  expect: "holds",
});

export const dissolved = protocol("a context that two threads dissolve", {
  kernel,
  objects: { service: entrypoint(), progress: signal(), other: signal() },
  threads: {
    server: {
      cpu: 0,
      *run({ service, progress, other }) {
        yield* progress.manage(service);
        yield* other.manage(service);
        yield* echo(service);
      },
    },
    device: {
      cpu: 0,
      *run({ progress, other }) {
        yield* other.submit();
        yield* progress.submit();
      },
    },
    closer: {
      cpu: 0,
      count: 2,
      *run({ progress }) {
        yield* progress.dissolve();
      },
    },
  },
  expect: "holds",
});

export const dissolvedOnHardware = protocol("a context that two threads dissolve, and the end of its entrypoint, on base-hw", {
  kernel: hardware,
  objects: { service: hardwareEntrypoint(), progress: hardwareSignal(), other: hardwareSignal() },
  threads: {
    server: {
      cpu: 0,
      untrusted: true,
      *run({ service, progress, other }) {
        yield* progress.manage(service);
        yield* other.manage(service);
        yield* service.wait();
        yield* service.replyAndWait(0);
        yield* service.destroy();
      },
    },
    device: {
      cpu: 0,
      *run({ progress, other }) {
        yield* other.submit();
        yield* progress.submit();
        yield* other.submit();
      },
    },
    closer: {
      cpu: 0,
      untrusted: true,
      count: 2,
      *run({ progress }) {
        yield* progress.dissolve();
      },
    },
  },
  expect: "holds",
});
