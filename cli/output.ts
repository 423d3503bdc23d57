/**
 * What becomes of output that nobody can take: the reader of the pipe has gone (`| head`), or the disk that it goes to is
 * full. Without a verdict to give the process ends as one does that SIGPIPE has ended, or as after any file that cannot be written.
 */
import { exitCodes } from "./exit.ts";

/** 128 + SIGPIPE, as shells show it. */
const brokenPipe = 141;
let isWatched = false;

export function watchOutput(): void {
  if (isWatched) return;
  isWatched = true;
  process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
    if (code === "EPIPE") process.exit(brokenPipe);
    process.stderr.write(`error: the output cannot be written: ${message}\n  hint: free some space, or send it elsewhere\n`);
    process.exit(exitCodes.usage);
  });
  // There is nowhere left to say so.
  process.stderr.on("error", () => process.exit(brokenPipe));
}
