/** Budgets: how many states and seconds a check may take before the run fails for it. */
import type { Budget } from "./config.ts";
import type { CheckResult } from "./check.ts";
import type { Remark } from "./baseline.ts";
import { globPattern } from "./targets.ts";
import { duration, exact } from "./units.ts";

/** What a result spends too much of. */
export function overBudget({ spec, stats }: CheckResult, budgets: Readonly<Record<string, Budget>>): readonly Remark[] {
  if (stats === null) return [];
  return Object.entries(budgets).flatMap(([pattern, { states, seconds }]): readonly Remark[] => {
    if (!globPattern(pattern.replace(/^\.\//u, "")).test(spec)) return [];
    const remark = (message: string): Remark => ({ rule: "budget", failing: true, message: `over the budget of ${pattern}: ${message}` });
    return [
      ...(states !== undefined && stats.states > states ? [remark(`${exact(stats.states)} states, ${exact(states)} allowed`)] : []),
      ...(seconds !== undefined && stats.seconds > seconds ? [remark(`${duration(stats.seconds)}, ${duration(seconds)} allowed`)] : []),
    ];
  });
}
