/** `cost --kernels`: a call and its reply on several kernels, side by side. */
import { type BarGroup, type CallCost, type Calling, callCost, callings, causes, type Profile, total } from "../cost/index.ts";
import { toolManifest } from "../model/loader/tool.ts";
import type { CostCommand } from "./cost.ts";
import { cyclesText, timeText } from "./cost-report.ts";
import { UsageError } from "./exit.ts";
import { table } from "./table.ts";
import type { Stream } from "./terminal.ts";

/** The kernels of this name; `all` is every one. */
export function callingsNamed(names: readonly string[]): readonly Calling[] {
  if (names.includes("all")) return callings;
  return names.map((name) => {
    const found = callings.find((calling) => calling.name === name);
    if (found === undefined) throw new UsageError(`there is no kernel "${name}" to compare; there are ${callings.map((each) => each.name).join(", ")}, or all`);
    return found;
  });
}

/** Every kernel at every size, on one CPU and on two. */
export async function compare(kernels: readonly Calling[], machines: readonly Profile[], { bytes, seed }: CostCommand): Promise<readonly CallCost[]> {
  const costs: CallCost[] = [];
  for (const profile of machines)
    for (const cpus of [1, 2] as const)
      for (const calling of kernels.filter(({ mostCpus = 2 }) => cpus <= mostCpus))
        for (const size of bytes) if (size <= calling.longest) costs.push(await callCost(calling, { profile, bytes: size, cpus, calls: 20, seed }));
  return costs;
}

const sizeText = (bytes: number): string => (bytes >= 1024 ? `${Number((bytes / 1024).toFixed(1))} KB` : `${bytes} B`);

export function compareText(costs: readonly CallCost[], { bytes, quiet }: CostCommand, out: Stream): string {
  const kernels = [...new Set(costs.map(({ calling }) => calling))];
  const machines = [...new Set(costs.map(({ profile }) => profile))];
  const parts: string[] = [];
  for (const profile of machines) {
    parts.push(`${out.style("bold", profile.name)}  ${profile.title}\n`);
    for (const cpus of [1, 2] as const) {
      const at = (calling: Calling, size: number): CallCost | undefined => find(costs, calling, profile, cpus, size);
      const cells = (cost: CallCost | undefined): readonly string[] =>
        cost === undefined ? ["", ""] : [cyclesText(cost.elapsed), timeText(cost.elapsed, profile)];
      const here = kernels.filter(({ mostCpus = 2 }) => cpus <= mostCpus);
      if (here.length === 0) continue;
      const rows = here.map((calling) => [calling.name, ...bytes.flatMap((size) => cells(at(calling, size)))]);
      const where = cpus === 1 ? "client and server on one CPU" : "each on a CPU of its own";
      parts.push(`\nA call and its reply, ${where}: cycles from one return to the next\n`);
      parts.push(
        table(
          ["kernel", ...bytes.flatMap((size) => [sizeText(size), ""])],
          rows,
          out,
          Array.from({ length: 2 * bytes.length }, (_, index) => index + 1),
        ),
      );
      if (quiet === true) continue;
      const [smallest = 0] = bytes;
      const byCause = here.flatMap((calling) => {
        const cost = at(calling, smallest);
        if (cost === undefined) return [];
        const { cycles, elapsed } = cost;
        return [[calling.name, ...causes.map((cause) => cyclesText(cycles[cause])), cyclesText(Math.max(0, elapsed - total(cycles))), cyclesText(elapsed)]];
      });
      parts.push(
        `\nBy cause, ${sizeText(smallest)}\n`,
        table(
          ["kernel", ...causes, "waiting", "cycles"],
          byCause,
          out,
          Array.from({ length: causes.length + 2 }, (_, index) => index + 1),
        ),
      );
    }
    parts.push("\n");
  }
  if (quiet !== true) parts.push(...kernels.map(({ name, how }) => `${name}: ${how}\n`));
  return parts.join("");
}

/** Undefined where the kernel has no message so long. */
function find(costs: readonly CallCost[], calling: Calling, profile: Profile, cpus: 1 | 2, size: number): CallCost | undefined {
  return costs.find((each) => each.calling === calling && each.profile === profile && each.cpus === cpus && each.bytes === size);
}

export function compareJson(costs: readonly CallCost[], { seed }: CostCommand): string {
  const calls = costs.map(({ calling, profile, bytes, cpus, elapsed, cycles }) => ({
    kernel: calling.name,
    machine: profile.name,
    megahertz: profile.megahertz,
    cpus,
    bytes,
    cycles: Number(elapsed.toFixed(2)),
    causes: Object.fromEntries(causes.map((cause) => [cause, Number(cycles[cause].toFixed(2))])),
  }));
  return `${JSON.stringify({ schemaVersion: 1, tool: { name: "ipc-check", version: toolManifest().version }, seed, calls }, null, 2)}\n`;
}

/** One group of bars for each machine, placement and size. */
export function compareBars(costs: readonly CallCost[]): readonly BarGroup[] {
  const groups = new Map<string, CallCost[]>();
  for (const cost of costs) {
    const title = `${sizeText(cost.bytes)}, ${cost.cpus === 1 ? "one CPU" : "two CPUs"}, ${cost.profile.title}, cycles`;
    groups.set(title, [...(groups.get(title) ?? []), cost]);
  }
  return [...groups].map(([title, each]) => ({
    title,
    bars: each.map(({ calling, cycles, elapsed }) => ({ label: calling.name, cycles, waiting: Math.max(0, elapsed - total(cycles)) })),
  }));
}
