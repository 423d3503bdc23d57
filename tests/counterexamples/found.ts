/** Counterexamples as `verify` finds them, for the tests of traces and replay. */
import { search } from "../../dist/checker/engine/index.js";
import { makeTrace } from "../../dist/counterexamples/make.js";
import type { Trace } from "../../dist/counterexamples/trace.js";
import { compile } from "../../dist/model/compiler/index.js";
import { type Instance, instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import type { System } from "../../dist/model/system/system.js";

export interface Found {
  readonly instance: Instance;
  readonly system: System;
  readonly traces: readonly Trace[];
}

/** Checks one export of a spec and writes down what is found. */
export async function find(path: string, exportName: string): Promise<Found> {
  const spec = await loadSpec(path);
  const protocol = spec.protocols.find((each) => each.exportName === exportName)?.protocol;
  if (protocol === undefined) throw new Error(`${path} has no export ${exportName}`);
  const instance = instantiate(protocol);
  const system = compile(instance);
  const { findings } = await search(system, {});
  const meta = { tool: { name: "ipc-check", version: "0.0.0" }, spec: { path, hash: spec.hash, export: exportName } };
  return { instance, system, traces: findings.map((finding) => makeTrace(instance, system, finding, meta)) };
}
