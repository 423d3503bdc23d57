/** A kernel and the objects of another system do not go together, and that is said. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { run } from "../cli/run.ts";

mkdirSync("node_modules/.cache", { recursive: true });
const folder = mkdtempSync(join("node_modules", ".cache", "mixture-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("objects of another system than the kernel's are refused at the protocol's objects", async () => {
  const file = join(folder, "mixed.ts");
  writeFileSync(
    file,
    `import { int, protocol } from "ipc-check";
import * as k42 from "ipc-check/kernels/k42";
const one = k42.system({ message: int(0, 1), buffer: 1 });
const other = k42.system({ message: int(0, 1), buffer: 1 });
export default protocol("mixed", {
  kernel: one.kernel,
  objects: { sink: other.dispatcher() },
  threads: { a: { *run({ sink }) { yield* sink.accept(); } } },
});
`,
  );
  const { code, stderr } = await run(["verify", file]);
  expect(stderr).toContain("is there twice: take the kernel and all of its objects from one system");
  expect(stderr).toContain("mixed.ts:7:");
  expect(code).toBe(2);
});
