/** `verify --coverage`: for each kernel, which of its rules fired in the protocols that were checked. */
import type { CheckResult } from "./check.ts";
import { table } from "./table.ts";
import type { Stream } from "./terminal.ts";
import { exact, plural } from "./units.ts";

interface Row {
  readonly operation: string | null;
  readonly rule: string;
  fired: number;
  protocols: number;
}

/** A table for each kernel, then the rules that no protocol made use of. */
export function coverageReport(results: readonly CheckResult[], stream: Stream): string {
  const kernels = new Map<string, { protocols: number; readonly rows: Map<string, Row> }>();
  for (const { kernel, rules } of results) {
    if (kernel === null || rules.length === 0) continue;
    let entry = kernels.get(kernel.name);
    if (entry === undefined) kernels.set(kernel.name, (entry = { protocols: 0, rows: new Map() }));
    entry.protocols++;
    for (const { operation, rule, fired } of rules) {
      const key = `${operation} ${rule}`;
      const row = entry.rows.get(key) ?? { operation, rule, fired: 0, protocols: 0 };
      row.fired += fired;
      row.protocols += fired > 0 ? 1 : 0;
      entry.rows.set(key, row);
    }
  }
  return [...kernels]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { protocols, rows }]) => {
      const all = [...rows.values()];
      const never = all.filter(({ fired }) => fired === 0);
      const verdict =
        never.length === 0 ? stream.style("green", "every rule fired") : stream.style("yellow", `${plural(never.length, "rule")} of ${all.length} never fired`);
      const cells = all.map(({ operation, rule, fired, protocols: used }) => [
        operation ?? "(by itself)",
        fired === 0 ? stream.style("yellow", rule) : rule,
        fired === 0 ? stream.style("yellow", "never") : exact(fired),
        exact(used),
      ]);
      return `\n${stream.style("bold", name)}: ${plural(protocols, "protocol")}, ${verdict}\n${table(["operation", "rule", "fired", "in protocols"], cells, stream, [2, 3])}`;
    })
    .join("");
}
