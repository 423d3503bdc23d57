/** `verify --profile`: what the state space consists of, and what would make it smaller. */
import type { NamedProfile } from "./check.ts";
import { table } from "./table.ts";
import type { Stream } from "./terminal.ts";
import { exact, plural } from "./units.ts";

/** Rows of each table. */
const most = 10;
/** From here on two threads are said to multiply each other: they have nearly every pair of their states. */
const free = 0.5;

export function profileLines({ states, variables, steps, pairs }: NamedProfile, all: number, stream: Stream): readonly string[] {
  const percent = (part: number, whole: number): string => `${whole === 0 ? 0 : ((100 * part) / whole).toFixed(part * 100 < whole ? 1 : 0)} %`;
  const block = (title: string, text: string): readonly string[] => [
    "",
    `  ${stream.style("bold", title)}`,
    ...text
      .trimEnd()
      .split("\n")
      .map((line) => `  ${line}`),
  ];
  const about = states < all ? ` (of the first ${exact(states)} states)` : "";
  const costly = [...variables].sort((a, b) => a.without - b.without || b.bits - a.bits);
  const total = steps.reduce((sum, { fired }) => sum + fired, 0);
  const busy = steps.filter(({ fired }) => fired > 0).sort((a, b) => b.fired - a.fired);
  const products = pairs
    .map((pair) => ({ ...pair, share: pair.together / Math.max(1, pair.states[0] * pair.states[1]) }))
    .filter(({ states: [a, b] }) => a > 1 && b > 1)
    .sort((a, b) => b.share * b.together - a.share * a.together);
  const multiplying = products.filter(({ share }) => share >= free);
  const droppable = costly.filter(({ without }) => without < 0.7 * states);
  return [
    ...block(
      `variables${about}`,
      table(
        ["variable", "bits", "values", "states without it"],
        costly.slice(0, most).map(({ name, bits, values, without }) => [name, String(bits), exact(values), `${exact(without)} (${percent(without, states)})`]),
        stream,
        [1, 2, 3],
      ),
    ),
    ...block(
      "steps",
      table(
        ["fired", "share", "thread", "step", "rule", "at"],
        busy
          .slice(0, most)
          .map(({ fired, thread, label, rule, site }) => [
            exact(fired),
            percent(fired, total),
            thread ?? "",
            label,
            rule,
            site === null ? "" : `${site.file}:${site.line}`,
          ]),
        stream,
        [0, 1],
      ),
    ),
    ...(products.length === 0
      ? []
      : block(
          `pairs of threads${about}`,
          table(
            ["threads", "states of each", "together", "of the product"],
            products
              .slice(0, most)
              .map(({ threads, states: [a, b], together, share }) => [threads.join(", "), `${exact(a)}, ${exact(b)}`, exact(together), percent(share, 1)]),
            stream,
            [2, 3],
          ),
        )),
    ...block("what would make it smaller", advice(droppable, multiplying, states)),
    "",
  ];
}

function advice(
  droppable: readonly { readonly name: string; readonly without: number }[],
  multiplying: readonly { readonly threads: readonly [string, string] }[],
  states: number,
): string {
  const lines = [
    ...droppable
      .slice(0, 3)
      .map(
        ({ name, without }) =>
          `${name} multiplies the states by ${(states / Math.max(1, without)).toFixed(1)}: give it a smaller range, forget its value when it is no longer needed, or do without it`,
      ),
    ...multiplying
      .slice(0, 3)
      .map(
        ({ threads: [a, b] }) => `${a} and ${b} hardly restrict each other: check them apart, or bring them to a common point (one step instead of several)`,
      ),
  ];
  return lines.length > 0 ? lines.join("\n") : `nothing stands out; ${plural(states, "state")} come from all variables together`;
}
