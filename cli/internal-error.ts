/** An error of the tool itself: how to report it, and the stack only on request. */
import { toolManifest } from "../model/loader/tool.ts";

export function reportInternalError(error: unknown, argv: readonly string[]): void {
  const message = error instanceof Error ? error.message : String(error);
  const verbose = argv.includes("--verbose") || argv.includes("-v");
  process.stderr.write(
    `internal error: ${message}\n` +
      `This is a fault of ipc-check, not of the specification. Please report it with the specification and this line:\n` +
      `  ipc-check ${toolManifest().version}, Node ${process.versions.node}, ${process.platform}-${process.arch}: ipc-check ${argv.join(" ")}\n` +
      (verbose ? `${(error instanceof Error && error.stack) || ""}\n` : "  (--verbose prints where it happened)\n"),
  );
}
