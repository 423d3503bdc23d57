/** `explore` as a command: its address, its end, its mistakes. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "../cli/run.ts";
import { find } from "../counterexamples/found.ts";

const ready = { when: /open this address/u };

test("prints an address on this machine and ends with Ctrl-C", async () => {
  const { code, stdout } = await run(["explore", "specs/l4/hostage-reply.ts", "--export", "broken"], { interrupt: ready });
  expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/\n$/u);
  expect(code).toBe(0);
});

test("opens a trace at the path that it takes", async () => {
  const { traces } = await find("specs/l4/hostage-reply.ts", "broken");
  const file = join(mkdtempSync(join(tmpdir(), "ipc-check-explore-")), "trace.json");
  writeFileSync(file, JSON.stringify(traces[0]));
  const { code, stdout } = await run(["explore", file], { interrupt: ready });
  const path = traces[0]?.decisions.map(({ transition }) => transition).join("-");
  expect(stdout).toMatch(new RegExp(`#path=${path}&at=0\\n$`, "u"));
  expect(code).toBe(0);
});

test("mistakes end it with one sentence and exit code 2", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => taken.once("listening", done));
  const { port } = taken.address() as AddressInfo;
  const spec = "specs/l4/hostage-reply.ts";
  const cases = [
    [["explore", spec], "choose one with --export"],
    [["explore", spec, "--export", "broken", "--port", `${port}`], `port ${port} is in use; choose another one with --port`],
    [["explore", spec, "--port", "70000"], "It must be an integer from 0 to 65535."],
    [["explore", spec, "--export", "broken", "--path", "99999"], "step 1 of the path (99999) is not possible there"],
    [["explore", "package.json"], "not a trace of ipc-check"],
    [["explore", "missing.ts"], "there is no file missing.ts"],
    [["explore", "package.json", "--param", "clients=2"], "--param is for specifications; package.json is a trace"],
  ] as const;
  await Promise.all(
    cases.map(async ([args, message]) => {
      const { code, stdout, stderr } = await run(args);
      expect(stderr).toContain(message);
      expect([args, code, stdout]).toEqual([args, 2, ""]);
    }),
  );
  taken.close();
});
