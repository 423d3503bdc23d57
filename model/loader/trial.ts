/**
 * The first import of a specification, tried in a worker thread: code at its top level may loop for ever or end the
 * process, and neither can be stopped where it runs.
 */
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

export interface TrialProblem {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

/** Imports `bundle` in a worker. Errors that it throws are left to the real import, which reports them with their place. */
export async function tryImport(bundle: string, patience: number): Promise<TrialProblem | null> {
  const worker = new Worker(
    `import(${JSON.stringify(pathToFileURL(bundle).href)}).then(() => {}, () => {}).then(() => require("node:worker_threads").parentPort.postMessage("done"));`,
    { eval: true, stdout: true, stderr: true },
  );
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<TrialProblem | null>((settle) => {
      timer = setTimeout(
        () =>
          settle({
            code: "IPC003",
            message: `does not finish loading: its top level still runs after ${patience} s`,
            hint: "look for an endless loop outside the threads",
          }),
        patience * 1000,
      );
      worker.once("message", () => settle(null));
      worker.once("error", () => settle(null));
      worker.once("exit", (code) =>
        settle({
          code: "IPC003",
          message: `ends the process while it is loaded (exit code ${code})`,
          hint: "a specification declares protocols; it must not call process.exit()",
        }),
      );
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
