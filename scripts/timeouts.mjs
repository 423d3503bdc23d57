/**
 * Writes docs/timeouts.md from runs: for protocols of each kernel what `repair --timeouts` finds, and what becomes of the repaired
 * one if a single timeout is changed. `--check`: says whether the page is what would be written; `--inputs`: whether it was written from
 * the specifications and by the script as they are, which takes no search.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const page = new URL("../docs/timeouts.md", import.meta.url);
/** The protocol that falls, and the one that holds. */
const idioms = [
  { kernel: "L4", file: "specs/l4/any-client.ts", falls: "broken", holds: "repaired" },
  { kernel: "L4", file: "specs/l4/driver-chain.ts", falls: "broken", holds: "repaired" },
  { kernel: "Fiasco.OC", file: "specs/fiasco/any-client.ts", falls: "hostage", holds: "robust" },
  { kernel: "seL4", file: "specs/sel4/any-client.ts", falls: "hostage", holds: "robust" },
  { kernel: "MINIX 3", file: "specs/minix/blocking-reply.ts", falls: "broken", holds: null },
  { kernel: "MINIX 3", file: "specs/minix/any-process.ts", falls: "broken", holds: "repaired" },
  { kernel: "Mach", file: "specs/mach/unread-replies.ts", falls: "broken", holds: "repaired" },
  { kernel: "QNX", file: "specs/qnx/any-client.ts", falls: "broken", holds: "repaired" },
];
const without = [
  { kernel: "Genode", file: "specs/genode/any-client.ts" },
  { kernel: "DragonFly LWKT", file: "specs/lwkt/any-client.ts" },
  { kernel: "Amiga Exec", file: "specs/exec/any-client.ts" },
  { kernel: "Nemesis", file: "specs/nemesis/any-client.ts" },
  { kernel: "K42", file: "specs/k42/any-client.ts" },
];

const hash = createHash("sha256");
const read = (file) => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
for (const file of [...new Set(["scripts/timeouts.mjs", ...[...idioms, ...without].map(({ file }) => file)])]) hash.update(read(file));
const inputs = hash.digest("hex").slice(0, 16);
const first = `<!-- Written by scripts/timeouts.mjs from ${inputs}. -->`;
if (process.argv.includes("--inputs")) {
  const isFresh = read("docs/timeouts.md").startsWith(first);
  if (!isFresh) console.error("docs/timeouts.md is stale: node scripts/timeouts.mjs");
  process.exit(isFresh ? 0 : 1);
}
const { changeEach, NothingToRepair, repairTimeouts } = await import("../dist/counterexamples/repair/timeouts.js");
const { instantiate } = await import("../dist/model/language/protocol.js");
const { loadSpec } = await import("../dist/model/loader/load.js");

async function jobOf(file, exportName) {
  const spec = await loadSpec(file);
  const { protocol } = spec.protocols.find((each) => each.exportName === exportName) ?? spec.protocols[0];
  return {
    protocol,
    job: { spec, exportName, instance: instantiate(protocol), read: (path) => readFileSync(path, "utf8"), search: { workers: 1 }, finite: false, most: 8 },
  };
}
const cell = (text) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
const said = ({ label, phase, timeout, line }) => `\`${label}\` (line ${line}) ${phase}: ${timeout}`;
const reasonOf = ({ kind, partners, timeouts }) =>
  `${kind}${partners === "correct" ? " with correct partners" : ""}${timeouts.length === 0 ? "" : ` with ${timeouts.map(said).join(", ")}`}`;
function foundBy(result) {
  if (result.kind === "found") return result.sets.map(({ changes }) => changes.map(said).join(" and ") || "nothing to change").join("; or ");
  if (result.kind === "none") return `none: ${result.reasons.map(reasonOf).join("; ")}`;
  return `open: ${result.bound}`;
}

const rows = [];
const flags = [];
for (const { kernel, file, falls, holds } of idioms) {
  const { protocol, job } = await jobOf(file, falls);
  const result = await repairTimeouts(job);
  const untrusted = Object.values(protocol.threads).some(({ untrusted }) => untrusted === "arbitrary") ? "anything" : "may stop";
  rows.push([kernel, `[${protocol.name}](../${file})`, untrusted, foundBy(result), String(result.searches)]);
  if (holds === null) continue;
  const repaired = await jobOf(file, holds);
  for (const { change, broken } of await changeEach(repaired.job))
    flags.push([
      kernel,
      repaired.protocol.name,
      said(change),
      broken === null ? "holds" : `${broken.kind}${broken.partners === "correct" ? " (correct partners)" : ""}`,
    ]);
}
const silent = [];
for (const { kernel, file } of without) {
  const { protocol, job } = await jobOf(file, "repaired");
  try {
    await repairTimeouts({ ...job, exportName: "repaired" });
  } catch (error) {
    if (!(error instanceof NothingToRepair)) throw error;
    silent.push([kernel, `[${protocol.name}](../${file})`, error.message]);
  }
}
const table = (head, body) => [head, head.map(() => "---"), ...body].map((row) => `| ${row.map(cell).join(" | ")} |`).join("\n");
const text = `${first}

# Which timeouts servers and clients want

It is said that servers want zero and clients infinity: whoever answers must not wait for a client that need not listen, and
whoever asks loses nothing by waiting for a server that it trusts. The tables come from runs of \`repair --timeouts\`, which looks for
every smallest change of timeouts with which a protocol holds and, with correct partners, calls are answered
([what exactly that means](architecture.md#timeouts-to-choose)). Only timeouts zero and infinite are tried here.

## What is found for protocols that fall

The protocol is one that a client without trust brings down; *untrusted* says what that client may do.

${table(["kernel", "protocol", "untrusted", "smallest changes", "searches"], rows)}

## One timeout changed in protocols that hold

${table(["kernel", "protocol", "changed to", "then"], flags)}

## Kernels without timeouts

${table(["kernel", "protocol", "what repair says"], silent)}

## The claim

It is confirmed where a row of the first table changes nothing but a server's send to zero, and rows of the second show that a call with
zero is not answered. It is not the whole truth: an open wait may as well poll, and a driver that answers a call from its own
file server may do either, which the rows that still hold show; a server that itself calls wants to wait for its answer like any client;
and where the one that is asked cannot listen because it waits for its own answer (the row of QNX) no timeout helps at all.
`;
if (process.argv.includes("--check")) {
  if (readFileSync(page, "utf8") !== text) {
    console.error("docs/timeouts.md is stale: node scripts/timeouts.mjs");
    process.exitCode = 1;
  }
} else writeFileSync(page, text);
