/** Errors that are the specification's and not the tool's, as diagnostics. */
import { StateTooLarge } from "../checker/result.ts";
import type { Protocol } from "../model/language/protocol.ts";
import type { Site } from "../model/language/operation.ts";
import { codeFrame, type Diagnostic, diagnostic, SpecError } from "../model/loader/diagnostic.ts";
import { sourceOf } from "../model/loader/registry.ts";
import { EndlessLoop } from "../model/system/interpret.ts";

/** The diagnostics for an error of a check; null if the error is the tool's own. */
export function specificationError(error: unknown, protocol: Protocol): readonly Diagnostic[] | null {
  if (error instanceof SpecError) return error.diagnostics;
  if (error instanceof EndlessLoop) {
    const message = `${protocol.name}: ${error.site === null ? "a thread's local computation before its first operation" : "the local computation after this operation"} does not end`;
    return [
      {
        code: "IPC008",
        message,
        site: error.site,
        frame: frameOf(error.site, protocol),
        hint: "a loop that waits must perform an operation in each round (yield*)",
      },
    ];
  }
  if (error instanceof StateTooLarge)
    return [diagnostic("IPC009", `${protocol.name}: ${error.message}`, null, "smaller ranges, shorter arrays and queues, fewer threads")];
  return null;
}

function frameOf(site: Site | null, protocol: Protocol): string | null {
  const modules = Object.values(protocol.threads).map((thread) => sourceOf(thread.run)?.module);
  const module = modules.find((each) => each !== undefined && each.file === site?.file);
  return module === undefined || site === null ? null : codeFrame(module.text, site);
}
