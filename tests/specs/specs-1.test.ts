/** The first half of the specs library; two files, so that two workers share it. */
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { library } from "./library.ts";

const half = ["exec", "fiasco", "genode", "k42", "l4", "lwkt", "mach"];
await library(...half);

test("each kernel's protocols are in one of the two halves", () => {
  const all = readdirSync("specs", { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(all.map(({ name }) => name).sort()).toEqual([...half, "minix", "nemesis", "qnx", "sel4", "shm"].sort());
});
