/**
 * Measures a call and its reply on each kernel: the time that a client needs from one return to the next, with the
 * server's work in between, over many calls. The first quarter warms the machine up and does not count.
 */
import { Executor, loadPaths } from "../kernel/common/executor.ts";
import type { Profile } from "../hardware/profile.ts";
import { instantiate } from "../model/language/protocol.ts";
import type { Calling } from "./calls/index.ts";
import { add, type Cycles, mean, sum, tally } from "./causes.ts";
import { random } from "./random.ts";
import { runTimed } from "./schedule.ts";

export interface CallCost {
  readonly calling: Calling;
  readonly profile: Profile;
  readonly bytes: number;
  readonly cpus: 1 | 2;
  /** From one return of the client's call to the next. */
  readonly elapsed: number;
  /** The part of it until the server has the request; the rest is the way back. */
  readonly there: number;
  /** Spent by all CPUs meanwhile. */
  readonly cycles: Cycles;
}

export interface CompareOptions {
  readonly profile: Profile;
  readonly bytes: number;
  readonly cpus: 1 | 2;
  readonly calls: number;
  readonly seed: number;
}

/** Cycles of one call and reply. Throws if the run does not get through all calls. */
export async function callCost(calling: Calling, { profile, bytes, cpus, calls, seed }: CompareOptions): Promise<CallCost> {
  let received = 0;
  let returned = 0;
  const events = { received: (): void => void received++, returned: (): void => void returned++ };
  const instance = instantiate(calling.protocol({ bytes, cpus, calls, ...events }));
  const executor = new Executor(instance, await loadPaths(instance), { profile });
  const [server, client] = [0, 1];
  const spent = tally();
  const from = Math.floor(calls / 4);
  let begin: number | null = null;
  let end = 0;
  let there = 0;
  const seen = { received: 0, returned: 0 };
  runTimed(executor, { steps: 1000 * calls, random: random(seed) }, (step) => {
    const at = (thread: number | undefined): number => step.completed.find((each) => each.thread === thread)?.at ?? step.begin + sum(step.cycles);
    if (begin !== null && seen.returned < calls) add(spent, step.cycles);
    if (seen.received !== received) {
      seen.received = received;
      if (begin !== null) there += at(server) - end;
    }
    if (seen.returned !== returned) {
      seen.returned = returned;
      end = at(client);
      if (returned === from) begin = end;
    }
  });
  if (returned < calls || begin === null) throw new Error(`${calling.name}: only ${returned} of ${calls} calls returned`);
  const count = calls - from;
  return { calling, profile, bytes, cpus, elapsed: (end - begin) / count, there: there / count, cycles: mean(spent, count) };
}
