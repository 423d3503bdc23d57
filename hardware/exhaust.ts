/**
 * Visits every state that some schedule reaches: depth first, each state once by its key. For machines small enough; the
 * checker's own engine is elsewhere.
 */

/** Something that can be put into any of its states and be led on by choices. */
export interface Explorable<S, C> {
  /** What may happen next; the order does not matter to the result. */
  choices(): readonly C[];
  perform(choice: C): void;
  save(): S;
  restore(state: S): void;
  /** Equal for two states if and only if they count as the same. */
  key(): string;
}

export interface ExhaustOptions {
  /** Called in each state, once. */
  readonly onState?: () => void;
  /** Called in each state that no choice leads out of: the end of a run, or a deadlock. */
  readonly onEnd?: () => void;
  /** Stop when so many have been visited; unlimited unless given. */
  readonly maxStates?: number;
}

export interface Exhausted {
  readonly states: number;
  /** Choices performed. */
  readonly steps: number;
  /** Whether every reachable state was visited. */
  readonly complete: boolean;
}

interface Frame<S, C> {
  readonly state: S;
  readonly key: string;
  readonly choices: readonly C[];
  next: number;
  leaves: boolean;
}

/** Exhausts the schedules of `subject` from the state it is in, and leaves it in that state. */
export function exhaust<S, C>(subject: Explorable<S, C>, { onState, onEnd, maxStates = Infinity }: ExhaustOptions = {}): Exhausted {
  const start = subject.save();
  const seen = new Set<string>();
  const stack: Frame<S, C>[] = [];
  let steps = 0;
  let complete = true;

  /** The subject is in a state with this key. */
  const visit = (key: string): void => {
    if (seen.has(key)) return;
    if (seen.size >= maxStates) {
      complete = false;
      return;
    }
    seen.add(key);
    onState?.();
    stack.push({ state: subject.save(), key, choices: subject.choices(), next: 0, leaves: false });
  };

  visit(subject.key());
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const choice = frame.choices[frame.next++];
    if (choice === undefined) {
      if (!frame.leaves && onEnd !== undefined) {
        subject.restore(frame.state);
        onEnd();
      }
      stack.pop();
      continue;
    }
    subject.restore(frame.state);
    subject.perform(choice);
    steps++;
    const key = subject.key();
    if (key === frame.key) continue;
    frame.leaves = true;
    visit(key);
  }
  subject.restore(start);
  return { states: seen.size, steps, complete };
}
