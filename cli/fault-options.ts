/** Values of `run --fault`: what happens to the machine, and before which step. */
import { InvalidArgumentError } from "commander";
import type { Fault } from "../counterexamples/faults.ts";
import { nearestName } from "../model/language/names.ts";
import type { Instance } from "../model/language/protocol.ts";
import { UsageError } from "./exit.ts";

/** As given: threads by name; without a step, the seed says when. */
export interface GivenFault {
  readonly kind: Fault["kind"];
  readonly what: string;
  readonly at: number | null;
}

/** Steps among which a fault happens that is given without one. */
const early = 40;

/** One `--fault`, added to those before it. */
export function fault(text: string, before: readonly GivenFault[] = []): readonly GivenFault[] {
  const match = /^(page-fault|kill|irq-storm|slow-ipi)(?:=(.+?))?(?:@([1-9]\d*))?$/.exec(text);
  const [, kind, what = "", at] = match ?? [];
  if (kind === undefined || (kind === "page-fault") !== (what === ""))
    throw new InvalidArgumentError(
      "It must be page-fault, kill=THREAD, irq-storm=CPU or slow-ipi=CPU, with @STEP behind it if it is to happen at a certain step.",
    );
  return [...before, { kind: kind as Fault["kind"], what, at: at === undefined ? null : Number(at) }];
}

/** The fault in a protocol, the `index`-th that was given. */
export function faultFor({ kind, what, at: step }: GivenFault, instance: Instance, seed: number, index: number): Fault {
  const at = step ?? 1 + ((Math.imul(seed + 97 * index, 0x9e37_79b1) >>> 8) % early);
  switch (kind) {
    case "page-fault":
      return { kind, at };
    case "kill": {
      const names = instance.threads.map(({ name }) => name);
      const thread = names.indexOf(what);
      if (thread >= 0) return { kind, at, thread };
      const near = nearestName(what, names);
      throw new UsageError(
        `--fault kill=${what}: there is no thread "${what}"; ${near === null ? `there are ${names.join(", ")}` : `did you mean "${near}"?`}`,
      );
    }
    case "irq-storm":
    case "slow-ipi": {
      const cpu = Number(what);
      if (!/^\d+$/.test(what) || cpu >= instance.cpus)
        throw new UsageError(
          `--fault ${kind}=${what}: there is no CPU ${what}; ${instance.cpus === 1 ? "the only one is 0" : `they are 0 to ${instance.cpus - 1}`}`,
        );
      return { kind, at, cpu };
    }
  }
}
