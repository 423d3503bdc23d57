/**
 * How long the operations of a kernel wait, and how a source text says so: for each method of the API its phases, and for
 * each combination of timeouts the method and the options that stand for it. What changes timeouts reads this.
 */
import type { Timeout } from "./domain.ts";

/** A part of an operation that may wait by itself. */
export type Phase = "send" | "receive" | "reply" | "transfer" | "wait";
export type PhaseTimeouts = Readonly<Partial<Record<Phase, Timeout>>>;

/** One way of writing a call. */
export interface TimedWay {
  readonly timeouts: PhaseTimeouts;
  readonly method: string;
  /** Options that have to be given, as string constants. */
  readonly options: Readonly<Record<string, string>>;
}

/** Methods of the API that differ in how long they wait. */
export interface TimedCall {
  /** The operations that they perform. */
  readonly operations: readonly string[];
  /** Only where arguments of the operation have these constant values. */
  readonly where: Readonly<Record<string, string>>;
  /** How many arguments stand before the options; null: there are no options. */
  readonly before: number | null;
  /** What an option means that is not given. */
  readonly defaults: Readonly<Record<string, string>>;
  /** Phases whose timeout is an argument of the operation, and its name. */
  readonly read: Readonly<Partial<Record<Phase, string>>>;
  readonly ways: readonly TimedWay[];
  /**
   * The argument that names whom an answer is waited for from: such operations have to succeed in the end. Null: the caller
   * waits for anybody, or for no answer.
   */
  readonly answers: string | null;
}

/** A phase whose timeout is an option of its own. */
interface OptionPhase {
  readonly option: string;
  /** The argument of the operation. Default: as the option. */
  readonly argument?: string;
  readonly otherwise?: Timeout;
  readonly timeouts?: readonly Timeout[];
}

interface Common {
  readonly operation: string;
  readonly where?: Readonly<Record<string, string>>;
  readonly answers?: string;
}

/** A method with an option for each phase. `possible` leaves combinations out. */
export function timedByOptions({
  operation,
  method,
  before,
  phases,
  where = {},
  answers,
  possible = () => true,
}: Common & {
  readonly method: string;
  readonly before: number;
  readonly phases: Readonly<Partial<Record<Phase, OptionPhase>>>;
  readonly possible?: (timeouts: PhaseTimeouts) => boolean;
}): TimedCall {
  const entries = Object.entries(phases) as readonly (readonly [Phase, OptionPhase])[];
  const combinations = entries.reduce<readonly PhaseTimeouts[]>(
    (sofar, [phase, { timeouts = ["infinite", "zero", "finite"] }]) => sofar.flatMap((each) => timeouts.map((timeout) => ({ ...each, [phase]: timeout }))),
    [{}],
  );
  return {
    operations: [operation],
    where,
    before,
    defaults: Object.fromEntries(entries.map(([, { option, otherwise = "infinite" }]) => [option, otherwise])),
    read: Object.fromEntries(entries.map(([phase, { option, argument = option }]) => [phase, argument])),
    ways: combinations.filter(possible).map((timeouts) => ({
      timeouts,
      method,
      options: Object.fromEntries(entries.flatMap(([phase, { option }]) => (timeouts[phase] === undefined ? [] : [[option, timeouts[phase]]]))),
    })),
    answers: answers ?? null,
  };
}

/** A method that waits, beside one that does not. */
export function timedByMethod({
  operations,
  phase,
  waits,
  polls,
  where = {},
}: Pick<TimedCall, "operations"> & Pick<Common, "where"> & { readonly phase: Phase; readonly waits: string; readonly polls: string }): TimedCall {
  const way = (timeout: Timeout, method: string): TimedWay => ({ timeouts: { [phase]: timeout }, method, options: {} });
  return { operations, where, before: null, defaults: {}, read: {}, ways: [way("infinite", waits), way("zero", polls)], answers: null };
}

/** A method that waits for an answer for ever, whatever the caller wants. */
export function untimed({ operation, method, where = {}, answers }: Common & { readonly method: string }): TimedCall {
  return { operations: [operation], where, before: null, defaults: {}, read: {}, ways: [{ timeouts: {}, method, options: {} }], answers: answers ?? null };
}
