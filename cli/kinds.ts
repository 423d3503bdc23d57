/** What each kind of violation means, in words: for `explain`, and for reports that carry their rules with them. */
import type { ViolationKind } from "../model/language/protocol.ts";
import type { Explanation } from "../model/loader/diagnostic.ts";

/** By the names that reports use. */
export const kinds: Readonly<Record<ViolationKind, Explanation>> = {
  deadlock: {
    title: "threads wait for ever",
    explanation: `A set of blocked threads of which each could be woken only by others of the set, or by threads that have ended.
At least one of them is trusted and does not wait at rest (idle). It is found even while other threads run on.
The report says who waits for whom, in which phase, and draws the cycle if there is one.`,
  },
  "unreplied-call": {
    title: "an untrusted thread can hold others up for ever",
    explanation: `As a deadlock, but among those who could end the wait is an untrusted thread, which may simply stop: a denial of
service, such as calling a server and never receiving its reply. A timeout zero on the reply, or a notification in its place,
leaves nobody hostage.`,
  },
  "lost-wakeup": {
    title: "a thread sleeps although what it sleeps for has come true",
    explanation: `A sleep carries its condition (a futex wait on word and value: that the word still has the value). Here it is asleep, the
condition to go on holds, and no step of the trusted threads will wake it. Usually the waker looked for sleepers before the
sleeper was one: arm first, then check again, then sleep.`,
  },
  "data-race": {
    title: "two threads are about to access one cell, and nothing orders them",
    explanation: `At least one of the accesses is a write and at least one is plain (read, write). Compilers and processors may then do
anything. Use load/store with an order, or let a lock or a message come between the two.`,
  },
  assertion: { title: "a check is false", explanation: "A check(condition, text) of a thread, or of the kernel itself, was reached with a false condition." },
  invariant: {
    title: "an invariant is false",
    explanation: "A state was reached in which a predicate of `invariants` is false. Invariants are looked at in every state, between steps.",
  },
  "out-of-range": {
    title: "a value leaves its declared range",
    explanation: `A cell, a local declared with local(), or an argument got a value outside its domain; an index lay outside its array; a
full queue was pushed to, or an empty one shifted. Ranges never wrap silently: declare u8, u16 or wrapping(n) where the machine does.`,
  },
  "unhandled-error": {
    title: "the result of a failed operation is used",
    explanation: `The operation can fail (a timeout, a partner that does not exist), here it did, and the program used its message or
sender all the same. Look at \`error\` first.`,
  },
  liveness: {
    title: "a run never does what it has to",
    explanation: `A property of \`liveness\` is false on some run: the counterexample leads to a loop, which then repeats for ever, or to a
state in which the run stays. Only runs that are fair, as \`fairness\` or --fairness says, count.`,
  },
  starvation: {
    title: "a thread waits for ever while others are served",
    explanation: `Under \`progress\`: the operation of a trusted thread is pending for ever on a fair run, and on the same run operations of
others end again and again. Queues that serve in the order of arrival, or a bound on how often one thread may be passed by, end that.`,
  },
  livelock: {
    title: "steps are taken for ever, and nobody gets on",
    explanation: `Under \`progress\`: on a fair run a trusted thread's operation stays pending, or a goal is not reached again, although threads
take steps for ever; none of these ends an operation that could wait.`,
  },
};
