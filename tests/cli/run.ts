/** Runs the command line as a process of its own. */
import { spawn } from "node:child_process";
import { resolve } from "node:path";

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Sent once the process has written `when` to stderr. */
  readonly interrupt?: { readonly when: RegExp };
  readonly tool?: string;
  /** What it reads on stdin; nothing unless given. */
  readonly input?: string;
}

export function run(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { NO_COLOR: _no, FORCE_COLOR: _force, ...inherited } = process.env;
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [options.tool ?? resolve("bin/ipc-check.js"), ...args], {
      cwd: options.cwd ?? process.cwd(),
      env: { ...inherited, ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    child.stdin.end(options.input ?? "");
    let stdout = "";
    let stderr = "";
    let interrupted = false;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      if (options.interrupt?.when.test(stderr) === true && !interrupted) {
        interrupted = true;
        child.kill("SIGINT");
      }
    });
    child.on("error", fail);
    child.on("close", (code) => done({ code, stdout, stderr }));
  });
}
