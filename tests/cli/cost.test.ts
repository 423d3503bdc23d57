/** `ipc-check cost` as a user runs it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { run } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "ipc-check-cost-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const spec = "specs/l4/cross-cpu-reply.ts";

describe("cost", () => {
  it("prints operations, round trips and hand-overs of each machine", async () => {
    const { code, stdout, stderr } = await run(["cost", spec, "--machine", "i486-50,skylake", "--runs", "1", "--steps", "200"]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^i486-50 {2}Intel i486DX/mu);
    expect(stdout).toMatch(/^skylake {2}Intel Core/mu);
    expect(stdout).toContain("Cycles of each operation, mean");
    expect(stdout).toMatch(/^client +ipc\.call .* µs/mu);
    expect(stdout).toMatch(/^client: ipc\.call \(line \d+\) +server: ipc\.replyWait \(line \d+\)/mu);
  });

  it("gives the same in JSON, with a chart on the side", async () => {
    const svg = join(folder, "cost.svg");
    const { code, stdout } = await run(["cost", spec, "--runs", "1", "--steps", "200", "--json", "--svg", svg]);
    expect(code).toBe(0);
    const { schemaVersion, results } = JSON.parse(stdout);
    expect(schemaVersion).toBe(1);
    const [{ machines }] = results;
    expect(machines[0].machine).toBe("skylake");
    const call = machines[0].warm.operations.find(({ operation }: { operation: string }) => operation === "ipc.call");
    const parts = Object.values<number>(call.causes).reduce((sum, value) => sum + value, 0);
    expect(parts).toBeCloseTo(call.cycles, 0);
    expect(call.roundTrip.cycles).toBeGreaterThan(call.cycles);
    expect(readFileSync(svg, "utf8")).toMatch(/^<svg .*<\/svg>\n$/su);
  });

  it("lists the machines, and every number with its source", async () => {
    const list = await run(["cost", "--machines"]);
    expect(list.code).toBe(0);
    expect(list.stdout).toMatch(/^cortex-a57 /mu);
    const { stdout } = await run(["cost", "--machines", "--verbose"]);
    expect(stdout).toMatch(/^kernelEntry +71 +published +i486-clocks/mu);
    expect(stdout).toContain("References");
  });

  it("measures protocols whose threads never wait", async () => {
    const { code, stdout } = await run(["cost", "specs/shm/peterson.ts", "--runs", "1", "--steps", "200"]);
    expect(code === 0 || code === 1).toBe(true);
    expect(stdout).toContain("Cycles of each operation, mean");
  });

  it("compares a call and its reply, kernel by kernel", async () => {
    const svg = join(folder, "kernels.svg");
    const { code, stdout, stderr } = await run(["cost", "--kernels", "l4,mach,shm", "--bytes", "8,64", "--machine", "i486-50", "--svg", svg]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^kernel +8 B +64 B$/mu);
    expect(stdout).toMatch(/^mach +\d+ +[\d.]+ µs +\d+ +[\d.]+ µs$/mu);
    expect(readFileSync(svg, "utf8")).toContain("64 B, two CPUs");
    const json = JSON.parse((await run(["cost", "--kernels", "sel4", "--bytes", "8,1024", "--json"])).stdout);
    // The IPC buffer of seL4 does not hold 1024 bytes.
    expect(json.calls.map(({ bytes, cpus }: { bytes: number; cpus: number }) => [bytes, cpus])).toEqual([
      [8, 1],
      [8, 2],
    ]);
  });

  it.each([
    [["cost", "--kernels", "plan9"], 'there is no kernel "plan9"'],
    [["cost", spec, "--kernels", "l4"], "is measured without it"],
    [["cost", "--kernels", "l4", "--bytes", "7"], "multiples of 4"],
    [["cost"], "cost needs a specification"],
    [["cost", spec, "--machine", "i386"], 'there is no machine "i386"'],
    [["cost", spec, "--export", "nothing"], "not nothing"],
    [["cost", spec, "--param", "clients=3"], 'has no parameter "clients"'],
    [["cost", spec, "--runs", "0"], "positive integer"],
    [["cost", spec, "--machine", "skylake,,unit"], "several with commas"],
    [["cost", join(folder, "missing.ts")], "missing.ts"],
    [["cost", spec, "--runs", "1", "--steps", "200", "--svg", join(folder, "no", "such.svg")], "cannot be written"],
  ])("%j is a usage error that says what is wrong", async (args, message) => {
    const { code, stderr } = await run(args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it("says what cannot be executed, and does not call it measured", async () => {
    const file = join(folder, "arbitrary.ts");
    writeFileSync(
      file,
      `import { int, protocol } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";
export default protocol("arbitrary", {
  kernel: l4.kernel({ message: int(0, 1) }),
  threads: { client: { untrusted: "arbitrary" }, server: { *run({ ipc }) { yield* ipc.wait(); } } },
});
`,
    );
    const { code, stderr } = await run(["cost", file]);
    expect(stderr).toContain("it has no program to run");
    expect(code).toBe(3);
  });
});
