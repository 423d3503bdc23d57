/**
 * Runs the command line: with IPC_CHECK_LIBRARY=1, as in `.ci/run`, always as a process of its own; under `npm test` inside this
 * one, which saves the start of Node and of all modules each time, unless the test is about a process (a signal, input, another
 * environment, another tool). Exit codes, pipes and Ctrl-C of real processes are tests/cli/output.test.ts, watch.test.ts and these.
 */
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { inspect } from "node:util";
import { main } from "../../dist/cli/main.js";
import { everything } from "../support/share.ts";

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
  const { env, interrupt, tool, input } = options;
  const ofAProcess = everything || [env, interrupt, tool, input].some((each) => each !== undefined);
  return ofAProcess ? runProcess(args, options) : alone(() => runHere(args, options));
}

/** The working directory and the output belong to one run at a time. */
let last: Promise<unknown> = Promise.resolve();
function alone<T>(action: () => Promise<T>): Promise<T> {
  const next = last.then(action);
  last = next.catch(() => {});
  return next;
}

async function runHere(args: readonly string[], { cwd = process.cwd() }: RunOptions): Promise<Run> {
  const before = process.cwd();
  const { NO_COLOR: noColor, FORCE_COLOR: forceColor } = process.env;
  const streams = [process.stdout, process.stderr] as const;
  const kept = streams.map(({ write, isTTY, columns }) => ({ write, isTTY, columns }));
  const texts = ["", ""];
  for (const [i, stream] of streams.entries())
    Object.assign(stream, {
      isTTY: false,
      columns: undefined,
      write: (chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
        texts[i] += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
        const written = rest.find((each) => typeof each === "function");
        if (typeof written === "function") queueMicrotask(() => written());
        return true;
      },
    });
  delete process.env["NO_COLOR"];
  delete process.env["FORCE_COLOR"];
  process.chdir(cwd);
  try {
    const code = await main(args);
    const [stdout = "", stderr = ""] = texts;
    return { code, stdout, stderr };
  } catch (error) {
    // Node would print it and end.
    return { code: 1, stdout: texts[0] ?? "", stderr: `${texts[1]}${inspect(error)}\n` };
  } finally {
    process.chdir(before);
    for (const [i, stream] of streams.entries()) Object.assign(stream, kept[i]);
    if (noColor !== undefined) process.env["NO_COLOR"] = noColor;
    if (forceColor !== undefined) process.env["FORCE_COLOR"] = forceColor;
  }
}

function runProcess(args: readonly string[], options: RunOptions): Promise<Run> {
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
