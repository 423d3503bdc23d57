/** A protocol opened as `explore` opens it, without a server. */
import { Answers } from "../../dist/counterexamples/explorer/answers.js";
import { Session } from "../../dist/counterexamples/explorer/session.js";
import { compile } from "../../dist/model/compiler/index.js";
import { type Instance, instantiate } from "../../dist/model/language/protocol.js";
import type { System } from "../../dist/model/system/system.js";
import { loadSpec } from "../../dist/model/loader/load.js";

export interface Opened {
  readonly session: Session;
  readonly answers: Answers;
}

export async function open(path: string, exportName: string, parameters: Readonly<Record<string, number>> = {}): Promise<Opened> {
  const spec = await loadSpec(path);
  const protocol = spec.protocols.find((each) => each.exportName === exportName)?.protocol;
  if (protocol === undefined) throw new Error(`${path} has no export ${exportName}`);
  const instance = instantiate(protocol, parameters);
  const session = new Session(instance, compile(instance), { about: [path], command: `ipc-check explore ${path}` });
  return { session, answers: new Answers(session, { hash: spec.hash, export: exportName }) };
}

/** The same of something that is compiled already. */
export function sessionOf(instance: Instance, system: System): Session {
  return new Session(instance, system, { about: [], command: null });
}

/** Never stops. */
export const patient: AbortSignal = new AbortController().signal;
