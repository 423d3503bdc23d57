/**
 * The reports of a run, several at once: what is written while the run goes on, what is written at its end, and where.
 * The files are opened before the first check, so that a path that cannot be written costs no search.
 */
import { appendFileSync, writeFileSync } from "node:fs";
import { UsageError } from "./exit.ts";
import type { ReporterChoice } from "./options.ts";
import type { PrettyOptions } from "./reporters/pretty.ts";
import { documentReporter, type Reporter, type Run } from "./reporters/index.ts";
import type { Stream, Terminal } from "./terminal.ts";
import type { Reported } from "./verify.ts";

/** A report under way. */
interface Sink {
  result(reported: Reported): Promise<void> | void;
  end(results: readonly Reported[], run: Run): void;
}

function written<T>(file: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw new UsageError(`the report cannot be written to ${file}: ${(error as Error).message}`);
  }
}

/** A stream that collects its text in a file. */
function fileStream(file: string): Stream {
  return { isTTY: false, color: false, width: 120, style: (_, text) => text, write: (text) => written(file, () => appendFileSync(file, text)) };
}

export class Reporting {
  readonly #sinks: readonly Sink[];
  readonly #expect: boolean;

  private constructor(sinks: readonly Sink[], expect: boolean) {
    this.#sinks = sinks;
    this.#expect = expect;
  }

  static async open(choices: readonly ReporterChoice[], options: PrettyOptions, { out }: Terminal): Promise<Reporting> {
    const sinks: Sink[] = [];
    for (const { name, file } of choices) {
      if (file !== null) written(file, () => writeFileSync(file, ""));
      const stream = file === null ? out : fileStream(file);
      if (name === "pretty") sinks.push(await prettySink(stream, options));
      else if (name === "ndjson") sinks.push(await ndjsonSink(stream, options.expect));
      else {
        sinks.push(documentSink(stream, await documentReporter(name)));
        const summary = process.env["GITHUB_STEP_SUMMARY"] ?? "";
        if (name === "github" && summary !== "") sinks.push(documentSink(fileStream(summary), await documentReporter("markdown")));
      }
    }
    return new Reporting(sinks, options.expect);
  }

  async result(reported: Reported): Promise<void> {
    for (const sink of this.#sinks) await sink.result(reported);
  }

  end(results: readonly Reported[], interrupted: boolean): void {
    for (const sink of this.#sinks) sink.end(results, { expect: this.#expect, interrupted });
  }
}

async function prettySink(stream: Stream, options: PrettyOptions): Promise<Sink> {
  const { report, summary } = await import("./reporters/pretty.ts");
  return {
    result: async (reported) => stream.write(await report(reported, options, stream)),
    end: (results) => {
      if (results.length > 1 && !options.quiet) stream.write(summary(results, options.expect, stream));
    },
  };
}

async function ndjsonSink(stream: Stream, expect: boolean): Promise<Sink> {
  const { ndjsonEnd, ndjsonResult, ndjsonStart } = await import("./reporters/ndjson.ts");
  stream.write(ndjsonStart());
  return { result: (reported) => stream.write(ndjsonResult(reported, expect)), end: (results, run) => stream.write(ndjsonEnd(results, run)) };
}

function documentSink(stream: Stream, reporter: Reporter): Sink {
  return { result: () => {}, end: (results, run) => stream.write(reporter(results, run)) };
}
