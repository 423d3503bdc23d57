/**
 * What is known to repair a violation of this kind: what the kernels' own literature and users have come to (Shapiro,
 * "Vulnerabilities in Synchronous IPC Designs", 2003; the manuals of L4, QNX and MINIX; Drepper, "Futexes Are Tricky"). Told in
 * general words, chosen by the violation and by the waits that it ends in.
 */
import type { Trace, WaitEdge } from "./trace.ts";

/** Ways out, the likeliest first; empty if nothing general can be said. */
export function remedies(trace: Trace): readonly string[] {
  const { violation, end, spec, repaired = [], memoryModel } = trace;
  const untrusted = new Set(trace.threads.filter((thread) => thread.untrusted).map(({ name }) => name));
  const held = end.edges.filter(({ from }) => violation.threads.includes(from));
  const kinds = new Set(held.map(({ kind }) => kind));
  const toUntrusted = new Set(held.filter(({ to }) => untrusted.has(to)).map(({ kind }) => kind));
  const shown =
    repaired.length === 0
      ? []
      : [
          `In ${spec.path}, ${repaired.map((name) => `"${name}"`).join(" and ")} ${repaired.length === 1 ? "is a protocol" : "are protocols"} beside this one that ${repaired.length === 1 ? "holds" : "hold"}.`,
        ];
  const fences =
    memoryModel.model === "sc"
      ? []
      : [
          `Fences or stronger orders may be what is missing: ipc-check repair ${spec.path} --fences --export ${spec.export} --memory-model ${memoryModel.model}.`,
        ];
  switch (violation.kind) {
    case "unreplied-call":
      return [...waitRemedies(toUntrusted), ...shown];
    case "deadlock":
      return [...circleRemedies(kinds, held), ...fences, ...shown];
    case "lost-wakeup":
      return [
        "The test and the falling asleep must be one step for whoever wakes: compare under the lock of the queue (a futex compares the word), or let the wake-up be remembered (a notification, a pending pulse, a counted semaphore).",
        "The waker changes what is slept for first, and wakes then.",
        ...fences,
        ...shown,
      ];
    case "data-race":
      return [
        "Make both accesses atomic, or order them: by a lock, by a message, or by publishing with release and reading with acquire.",
        ...fences,
        ...shown,
      ];
    case "unhandled-error":
      return ['Every operation that may fail is asked first whether it has: the result is looked at only where its error is "none".', ...shown];
    case "starvation":
    case "livelock":
    case "liveness":
      return [
        "Serve in the order of arrival, or bound how often others go first; a retry that can meet the same obstacle for ever needs one side that yields.",
        ...shown,
      ];
    case "assertion":
    case "invariant":
    case "out-of-range":
      return [...fences, ...shown];
  }
}

/** Ways not to depend on somebody who need never act. */
function waitRemedies(kinds: ReadonlySet<string>): readonly string[] {
  const known: readonly (readonly [string, string])[] = [
    [
      "send",
      "Whoever replies to a client that need not listen must not wait for it: a send phase with a zero timeout, a reply that never blocks, or an asynchronous message.",
    ],
    ["reply", "Whoever must go on calls only servers that it trusts to answer, or gives the wait an end: a finite timeout, or a supervisor that cancels it."],
    [
      "closed-receive",
      "Whoever must go on calls only servers that it trusts to answer, or gives the wait an end: a finite timeout, or a supervisor that cancels it.",
    ],
    ["receive", "Receive from anybody, or with a finite timeout: one silent partner then does not stop the rest."],
    [
      "pager",
      "Memory that a transfer touches for a server must not depend on a client's pager: pin the buffer, or give page faults in the transfer a zero timeout.",
    ],
    ["lock", "A lock that somebody may keep for ever must not be waited for without end: try it, bound the wait, or let it be given up when its owner dies."],
    ["sleep", "A wake-up that somebody may never send needs a timeout, after which the condition is looked at again."],
    ["notification", "A signal that somebody may never send needs a timeout, or another thread that can send it as well."],
  ];
  return [...new Set(known.filter(([kind]) => kinds.has(kind)).map(([, text]) => text))];
}

function circleRemedies(kinds: ReadonlySet<string>, held: readonly WaitEdge[]): readonly string[] {
  if (held.length === 0) return [];
  const isCalls = ["send", "reply", "closed-receive"].some((kind) => kinds.has(kind));
  const isLocks = kinds.has("lock");
  return [
    ...(isCalls ? ["Let calls go in one direction only: give threads levels, and send upwards what does not wait (a notification, a pulse)."] : []),
    ...(isLocks ? ["Take locks in one order everywhere."] : []),
    ...(isCalls ? ["Or give one of these waits an end, and handle it: with equal timeouts on both sides they may meet again and again."] : []),
    ...(kinds.has("sleep") || kinds.has("notification")
      ? ["Nobody is left who would wake: look at who was to do it, and whether it did so before the sleeper came."]
      : []),
  ];
}
