/**
 * The command line: what can be asked, and with which exit code it is answered. Options and printing only; each command
 * is imported when it runs, so that `--help` loads nothing but commander.
 */
import { Command, CommanderError, Option } from "commander";
import { type ExitCode, exitCodes, UsageError } from "./exit.ts";
import { traceFormatNames } from "../counterexamples/export/formats.ts";
import { fault } from "./fault-options.ts";
import { fairnessNames } from "../model/language/liveness.ts";
import { memoryModels, mostBuffered, mostMessages } from "../model/language/memory-model.ts";
import { count, depth, machineParts, memory, several, output, parameter, reporter, seconds, shard, upTo } from "./options.ts";
import { watchOutput } from "./output.ts";
import { type ColorMode, terminal } from "./terminal.ts";
import { toolManifest } from "../model/loader/tool.ts";
import type { CostCommand } from "./cost.ts";
import { names, sizes } from "./cost-options.ts";
import type { ExploreCommand } from "./explore.ts";
import type { ExportCommand } from "./export.ts";
import type { LitmusCommand } from "./litmus.ts";
import type { ReplayCommand } from "./replay.ts";
import type { RunCommand } from "./run.ts";
import type { MergeCommand } from "./merge.ts";
import type { SimulateCommand, VerifyOptions } from "./verify.ts";
import type { RepairCommand } from "./repair.ts";

interface Common {
  readonly color: ColorMode;
  readonly verbose?: true;
  readonly quiet?: true;
}

/** Runs one command line (without `node` and the script) and returns the exit code. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  watchOutput();
  let code: ExitCode = exitCodes.holds;
  const done = (result: ExitCode): void => {
    code = result;
  };
  const [wanted = ""] = argv;
  const program = describe(Object.hasOwn(commands, wanted) ? wanted : null, done);
  try {
    await program.parseAsync(argv, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.holds : exitCodes.usage;
    if (error instanceof UsageError) {
      process.stderr.write(`error: ${error.message}\n`);
      return exitCodes.usage;
    }
    const { reportInternalError } = await import("./internal-error.ts");
    reportInternalError(error, argv);
    return exitCodes.internal;
  }
}

/** Options that every command has. */
function common(command: Command): Command {
  return command
    .addOption(new Option("--color <when>", "colour the output").choices(["auto", "always", "never"]).default("auto"))
    .option("-q, --quiet", "print verdicts only")
    .option("-v, --verbose", "print more");
}

type Done = (code: ExitCode) => void;

/** `only`: the one command to describe; null: all of them, for help and for what is misspelt. */
function describe(only: string | null, done: Done): Command {
  const program = new Command("ipc-check")
    .description(
      "A model checker for inter-process communication: shows that no interleaving breaks a protocol, or prints the shortest one that does, replayed on an executable kernel.",
    )
    .version(toolManifest().version, "-V, --version")
    .exitOverride()
    .showHelpAfterError("(run with --help)")
    .helpCommand(false)
    .addHelpText(
      "after",
      `
Examples:
  $ ipc-check init --template rpc            write a first specification
  $ ipc-check verify rpc.ts                  check it
  $ ipc-check verify 'specs/**/*.ts' --expect  check a library against what each one expects
  $ ipc-check replay .ipc-check/trace.json   run a counterexample again
  $ ipc-check explain deadlock               what a result or an error code means

Exit codes: 0 holds, 1 violated, 2 usage or specification error, 3 inconclusive, 70 internal error, 130 interrupted.`,
    );

  for (const [name, add] of Object.entries(commands)) if (only === null || only === name) add(program, done);
  return program;
}

/** Each adds its command. */
const commands: Readonly<Record<string, (program: Command, done: Done) => void>> = {
  verify: describeVerify,
  simulate: describeSimulate,
  merge: describeMerge,
  replay: describeReplay,
  explore: describeExplore,
  cost: describeCost,
  run: describeRun,
  litmus: describeLitmus,
  export: describeExport,
  repair: describeRepair,
  list: describeList,
  explain: describeExplain,
  init: describeInit,
};

function describeVerify(program: Command, done: Done): void {
  common(program.command("verify"))
    .description("explore every interleaving of protocols")
    .argument("[spec...]", "files, folders or patterns ('specs/**/*.ts'); default: `specs` of ipc-check.config.ts")
    .option("-p, --param <name=value>", "set a parameter, or sweep it: clients=1..5, clients=1,2,8", parameter)
    .option("-e, --export <name>", "check only this export of each specification (`default` or its name)")
    .addOption(new Option("-m, --memory-model <name>", "the memory to run on, in place of what each protocol says").choices(memoryModels))
    .addOption(new Option("--buffer <entries>", "tso, pso: longest store buffer of threads that loop").argParser(upTo(1, mostBuffered)))
    .addOption(new Option("--messages <n>", "ra: most messages of a cell that threads write in loops").argParser(upTo(2, mostMessages)))
    .option("--liveness", "ask for progress of every trusted thread, also where the protocol does not")
    .addOption(new Option("--fairness <strength>", "of trusted threads, in place of what each protocol says").choices(fairnessNames))
    .option("--expect", "compare each verdict with what the specification expects; exit 0 if all are as expected")
    .addOption(
      new Option(
        "-r, --reporter <name[=file]>",
        "pretty, json, ndjson, junit, sarif, github or markdown, to standard output or to a file; several at once",
      ).argParser(reporter),
    )
    .addOption(new Option("--json", "print one JSON document on stdout; the same as --reporter json").conflicts("reporter"))
    .addOption(
      new Option("-o, --out <format=path>", `write counterexamples as ${traceFormatNames.join(", ")}; a path that ends with / is a folder`).argParser(output),
    )
    .addOption(new Option("--max-states <n>", "stop after this many states").argParser(count))
    .addOption(new Option("--max-depth <n>", "explore no deeper than this").argParser(depth))
    .addOption(new Option("--max-memory <size>", "use no more memory: 512M, 2G").argParser(memory))
    .addOption(
      new Option("--disk <folder>", "when memory is full, go on with the states in this folder: slower, as exact").conflicts([
        "swarm",
        "coverage",
        "profile",
        "strict",
      ]),
    )
    .addOption(new Option("--timeout <time>", "stop each check after this time: 90s, 5m").argParser(seconds))
    .addOption(
      new Option("--store <kind>", "how visited states are kept; compact and bitstate may leave states out, and say how likely that is")
        .choices(["exact", "compressed", "compact", "bitstate"])
        .default("exact"),
    )
    .addOption(new Option("-w, --workers <n>", "threads; default: one for each core").argParser(count))
    .addOption(new Option("--shadow", "search without reductions as well, and compare").conflicts(["swarm"]))
    .option("--no-symmetry", "tell apart states that differ only in the order of threads declared with count")
    .option("--no-partial-order", "of many states leave out none, not even those that differ only in the order of independent steps")
    .option("--checkpoint <file>", "write the search to a file now and then, to be taken up again with --resume")
    .addOption(new Option("--checkpoint-interval <time>", "between two checkpoints").argParser(seconds).default(60, "60s"))
    .option("--resume <file>", "go on from a checkpoint, and write further ones to it")
    .addOption(
      new Option("--swarm <n>", "instead of one search many short ones, each of another part of the states")
        .argParser(count)
        .conflicts(["store", "checkpoint", "resume"]),
    )
    .addOption(new Option("--swarm-width <n>", "states of a level that each of them goes on from").argParser(count).default(10_000))
    .addOption(new Option("--seed <n>", "of a swarm, and of how checks are dealt to shards").argParser(count).default(1))
    .addOption(new Option("--shard <i/n>", "make only the i-th of n parts of the checks").argParser(shard))
    .option("--result <file>", "write what this part came to, for `merge`")
    .option("--changed [commit]", "check only specifications of which a file differs from the commit (default: HEAD)")
    .addOption(new Option("--watch", "check again whenever a file of a specification changes").conflicts(["json", "shard", "checkpoint", "resume", "changed"]))
    .option("--baseline <file>", "accept the violations in this file, and report checks whose states have grown")
    .option("--update-baseline", "write what was found into the baseline")
    .option("--config <file>", "the configuration, in place of ipc-check.config.ts")
    .option("--no-config", "use no configuration")
    .option("--strict", "exit with 1 also for warnings: code that is never reached, invariants that hold trivially")
    .option("--coverage", "show which rules of each kernel fired, and which did not")
    .option("--profile", "show where the states come from, and what would make them fewer")
    .option("--trace-dir <folder>", "where counterexamples are written", ".ipc-check")
    .option("--no-trace-file", "write no counterexample files")
    .option("--no-cache", "compile anew what an earlier run has compiled, and keep nothing of it")
    .addOption(new Option("--engine <name>").choices(["wasm", "naive"]).default("wasm").hideHelp())
    .addHelpText(
      "after",
      `
Examples:
  $ ipc-check verify handshake.ts --param clients=4
  $ ipc-check verify handshake.ts --param clients=1..5 --timeout 60s
  $ ipc-check verify specs --expect --json > results.json
  $ ipc-check verify specs --expect --reporter github --reporter sarif=ipc-check.sarif --reporter junit=ipc-check.xml
  $ ipc-check verify handshake.ts --out svg=handshake.svg`,
    )
    .action(
      async (
        specs: readonly string[],
        { config, changed, ...options }: Omit<VerifyOptions, "changed"> & Common & { readonly changed?: string | true },
        command: Command,
      ) => {
        const { verify } = await import("./verify.ts");
        const given = new Set(Object.keys(options).filter((name) => command.getOptionValueSource(name) === "cli"));
        const chosen: VerifyOptions = {
          ...options,
          ...(changed === undefined ? {} : { changed: changed === true ? "HEAD" : changed }),
          // Commander's default for an option with a negation is true.
          ...(typeof config === "string" || config === false ? { config } : {}),
        };
        done(await verify(specs, chosen, terminal(options.color), null, given));
      },
    );
}

function describeSimulate(program: Command, done: Done): void {
  common(program.command("simulate"))
    .description("take random walks through protocols that are too large to be exhausted")
    .argument("<spec...>", "files, folders or patterns ('specs/**/*.ts')")
    .option("-p, --param <name=value>", "set a parameter, or sweep it: clients=1..5, clients=1,2,8", parameter)
    .option("-e, --export <name>", "walk through this export of each specification only (`default` or its name)")
    .addOption(new Option("-m, --memory-model <name>", "the memory to run on, in place of what each protocol says").choices(memoryModels))
    .addOption(new Option("--walks <n>", "how many").argParser(count).default(1000))
    .addOption(new Option("--depth <n>", "steps of a walk at most").argParser(count).default(1000))
    .addOption(new Option("--seed <n>", "of the choices").argParser(count).default(1))
    .addOption(new Option("--timeout <time>", "stop each check after this time: 90s, 5m").argParser(seconds))
    .addOption(new Option("--max-memory <size>", "use no more memory: 512M, 2G").argParser(memory))
    .option("--json", "print one JSON document on stdout")
    .option("--trace-dir <folder>", "where counterexamples are written", ".ipc-check")
    .option("--no-trace-file", "write no counterexample files")
    .addHelpText(
      "after",
      `
Walks prove nothing: without a violation the verdict is inconclusive (exit code 3), with what was covered and an estimate
of how many states there are.

Example:
  $ ipc-check simulate rpc.ts --param clients=20 --walks 10000 --seed 7`,
    )
    .action(async (specs: readonly string[], options: SimulateCommand & Common) => {
      const { simulate } = await import("./verify.ts");
      done(await simulate(specs, options, terminal(options.color)));
    });
}

function describeMerge(program: Command, done: Done): void {
  common(program.command("merge"))
    .description("put the results of `verify --shard` together")
    .argument("<file...>", "the files that --result wrote")
    .option("--expect", "compare each verdict with what the specification expects")
    .option("--json", "print one JSON document on stdout")
    .addHelpText(
      "after",
      `
Exit codes are those of verify; 3 also if shards are missing.

Example:
  $ ipc-check verify specs --shard 1/2 --result 1.json
  $ ipc-check verify specs --shard 2/2 --result 2.json
  $ ipc-check merge 1.json 2.json`,
    )
    .action(async (files: readonly string[], options: MergeCommand & Common) => {
      const { merge } = await import("./merge.ts");
      done(await merge(files, options, terminal(options.color)));
    });
}

function describeReplay(program: Command, done: Done): void {
  common(program.command("replay"))
    .description("run a counterexample again, on the executable kernel")
    .argument("<trace>", "a trace that verify wrote")
    .option("--step", "walk through it, forwards and backwards: arrow keys, or commands on stdin (h lists them)")
    .addOption(new Option("--show <parts>", "parts of the machine to show, after each step or at the end: cpu,cache,kernel,memory").argParser(machineParts))
    .option("--json", "print one JSON document on stdout")
    .addHelpText(
      "after",
      `
Exit codes: 0 reproduced, 1 diverged, 2 damaged trace or changed specification, 3 the kernel cannot be executed.

Examples:
  $ ipc-check replay .ipc-check/handshake-default-deadlock.json
  $ ipc-check replay .ipc-check/handshake-default-deadlock.json --step --show kernel,memory`,
    )
    .action(async (trace: string, options: Common & ReplayCommand) => {
      const { replay } = await import("./replay.ts");
      done(await replay(trace, options, terminal(options.color)));
    });
}

function describeExplore(program: Command, done: Done): void {
  common(program.command("explore"))
    .description("walk through a protocol, or a counterexample, on a page in the browser")
    .argument("<spec|trace>", "a specification, or a trace that verify wrote (.json)")
    .option("-e, --export <name>", "which protocol: its export or its name; default: the only one, or the default export")
    .option("-p, --param <name=value>", "set a parameter of the specification", parameter)
    .addOption(new Option("-m, --memory-model <name>", "the memory to run on, in place of what the protocol says").choices(memoryModels))
    .addOption(new Option("--buffer <entries>", "tso, pso: longest store buffer of threads that loop").argParser(upTo(1, mostBuffered)))
    .addOption(new Option("--messages <n>", "ra: most messages of a cell that threads write in loops").argParser(upTo(2, mostMessages)))
    .option("--liveness", "ask for progress of every trusted thread, also where the protocol does not")
    .addOption(new Option("--fairness <strength>", "of trusted threads, in place of what the protocol says").choices(fairnessNames))
    .option("--path <moves>", "begin at the end of this path; the page shows the path of what it shows")
    .addOption(new Option("--port <n>", "the port to serve on; 0 is any free one").argParser(upTo(0, 65_535)).default(0))
    .addHelpText(
      "after",
      `
The page is served to this machine only, under an address that nobody can guess; Ctrl-C ends it (exit code 0). What is shown
stands in the address bar and, as a command with --path, on the page.

Examples:
  $ ipc-check explore rpc.ts --param clients=2
  $ ipc-check explore .ipc-check/handshake-default-deadlock.json
  $ ipc-check export .ipc-check/handshake-default-deadlock.json --to html -o handshake.html   the page without a server`,
    )
    .action(async (file: string, options: ExploreCommand & Common) => {
      const { explore } = await import("./explore.ts");
      done(await explore(file, options, terminal(options.color)));
    });
}

function describeCost(program: Command, done: Done): void {
  common(program.command("cost"))
    .description("measure what the operations of a protocol cost on named machines")
    .argument("[spec]", "a specification")
    .addOption(new Option("-m, --machine <name,...>", "the machines").argParser(names).default(["skylake"], "skylake"))
    .option("--machines", "list the machines; with --verbose every number and its source")
    .addOption(new Option("-k, --kernels <name,...>", "instead of a specification: a call and its reply on these kernels, or on all").argParser(names))
    .addOption(
      new Option("--bytes <n,...>", "sizes of the messages that kernels are compared with")
        .argParser(sizes)
        .default([8, 64, 256, 1024, 4000], "8,64,256,1024,4000"),
    )
    .addOption(new Option("--runs <n>", "runs with warm caches, after one with cold ones").argParser(count).default(5))
    .addOption(new Option("--steps <n>", "steps of a run at most").argParser(count).default(1000))
    .addOption(new Option("--seed <n>", "of the choices that a run makes").argParser(count).default(1))
    .option("-p, --param <name=value>", "set a parameter, or sweep it: clients=1..5", parameter)
    .option("-e, --export <name>", "measure only this export (`default` or its name)")
    .option("--json", "print one JSON document on stdout")
    .option("--svg <file>", "draw the round trips by cause, warm and cold")
    .addHelpText(
      "after",
      `
The protocol runs on the executable kernel, in simulated time, without a model. Cycles are those of a model machine:
docs/cost.md says how far predictions lie from published measurements.

Exit codes: 0 measured, 1 a run met a violation, 2 usage or specification error, 3 the kernel cannot be executed.

Examples:
  $ ipc-check cost rpc.ts --machine i486-50,skylake
  $ ipc-check cost rpc.ts --machine haswell --svg rpc.svg
  $ ipc-check cost --kernels all --machine i486-50
  $ ipc-check cost --machines --verbose`,
    )
    .action(async (spec: string | undefined, options: CostCommand & Common) => {
      const { cost } = await import("./cost.ts");
      done(await cost(spec, options, terminal(options.color)));
    });
}

function describeRun(program: Command, done: Done): void {
  common(program.command("run"))
    .description("run a protocol on the executable kernel, without a trace")
    .argument("<spec>", "a specification")
    .option("-e, --export <name>", "which protocol: its export or its name; default: the only one, or the default export")
    .option("-p, --param <name=value>", "set a parameter", parameter)
    .addOption(new Option("--seed <n>", "other seeds give other schedules").argParser(depth).default(1))
    .addOption(new Option("--steps <n>", "take no more steps than this").argParser(count).default(1_000))
    .addOption(new Option("--quantum <n>", "cycles that a thread may run while another one of its priority waits, on an average").argParser(count).default(500))
    .addOption(
      new Option("-m, --memory-model <name>", "the memory to run on, in place of what the protocol says: the machine has store buffers").choices(
        memoryModels.filter((name) => name !== "ra"),
      ),
    )
    .addOption(
      new Option("--fault <fault>", "page-fault, kill=THREAD, irq-storm=CPU or slow-ipi=CPU, and @STEP for when; several may be given").argParser(fault),
    )
    .addOption(new Option("--show <parts>", "parts of the machine to show at the end: cpu,cache,kernel,memory").argParser(machineParts))
    .option("--trace-dir <folder>", "where the counterexample of a violation is written", ".ipc-check")
    .option("--no-trace-file", "write no counterexample file")
    .option("--json", "print one JSON document on stdout")
    .addHelpText(
      "after",
      `
The run ends when all threads have finished or are at rest (exit 0), at the first violation (exit 1; the run is then written
as a counterexample, which replay takes), or when the steps are used up (exit 3: nothing is proved by that). Exit 3 also where
the kernel cannot be executed, 70 where machine and model disagree. Long runs are printed folded; --verbose prints all steps.

Examples:
  $ ipc-check run rpc.ts --seed 7
  $ ipc-check run rpc.ts --fault page-fault --fault kill=client@12
  $ ipc-check run rpc.ts --steps 100000 --quiet`,
    )
    .action(async (spec: string, options: RunCommand & Common) => {
      const { run } = await import("./run.ts");
      done(await run(spec, options, terminal(options.color)));
    });
}

function describeLitmus(program: Command, done: Done): void {
  common(program.command("litmus"))
    .description("enumerate the outcomes of litmus tests (herd's X86 and C formats)")
    .argument("<file...>", "litmus files")
    .addOption(new Option("-m, --memory-model <name>", "default: tso for X86, ra for C").choices(memoryModels))
    .option("--json", "print one JSON document on stdout")
    .addHelpText("after", "\nExample:\n  $ ipc-check litmus SB.litmus --memory-model sc")
    .action(async (files: readonly string[], options: LitmusCommand & Common) => {
      const { litmus } = await import("./litmus.ts");
      done(await litmus(files, options, terminal(options.color)));
    });
}

function describeExport(program: Command, done: Done): void {
  common(program.command("export"))
    .description("write a counterexample as a picture or for another tool, or a protocol in another checker's language")
    .argument("<trace|spec>", "a trace that verify wrote (.json), or a specification")
    .addOption(
      new Option(
        "--to <format>",
        "a trace: json, itf, mermaid, svg, html, perfetto, vitest, dot, gexf, graphml, trail (for SPIN); a specification: promela (the default), murphi, tla, or its state graph as dot, gexf, graphml",
      ).choices([...traceFormatNames, "trail", "promela", "murphi", "tla"]),
    )
    .option("-o, --output <file>", "where to write it; default: standard output")
    .option("-e, --export <name>", "which export of the specification")
    .option("-p, --param <name=value>", "set a parameter of the specification", parameter)
    .addOption(new Option("-m, --memory-model <name>", "the memory that a specification runs on").choices(memoryModels))
    .addOption(new Option("--ltl <name>", "promela: write this property of `liveness` as a claim; several times for several").argParser(several))
    .addOption(
      new Option(
        "--style <style>",
        "promela: flat (the default; the same states), or processes (one proctype a thread; the same verdict, for SPIN's own reductions)",
      ).choices(["flat", "processes"]),
    )
    .option("--symmetry", "murphi: one state for all orders of symmetric replicas")
    .option("--quotient", "state graph: one node for all states in which every thread stands at the same place")
    .addHelpText(
      "after",
      `
Examples:
  $ ipc-check export .ipc-check/mutex-default-deadlock.json --to svg -o deadlock.svg
  $ ipc-check export .ipc-check/mutex-default-deadlock.json --to mermaid
  $ ipc-check export mutex.ts --to promela -o mutex.pml
  $ ipc-check export mutex.ts --to promela --style processes -o mutex.pml
  $ ipc-check export mutex.ts --to murphi --symmetry -o mutex.m
  $ ipc-check export mutex.ts --to tla -o mutex.tla        writes mutex.cfg too
  $ ipc-check export mutex.ts --to dot --param users=2 | dot -Tsvg > states.svg`,
    )
    .action(async (file: string, options: ExportCommand & Common) => {
      const { exportFile } = await import("./export.ts");
      done(await exportFile(file, options, terminal(options.color)));
    });
}

function describeRepair(program: Command, done: Done): void {
  common(program.command("repair"))
    .description("find the smallest changes with which a protocol holds")
    .argument("<spec>", "a specification")
    .option("--fences", "fences and memory orders: every minimal set, as a diff")
    .option("--timeouts", "timeouts of the trusted threads' operations: every minimal assignment, as a diff")
    .option("--finite", "with --timeouts: try finite timeouts as well")
    .option("-e, --export <name>", "which export of the specification")
    .option("-p, --param <name=value>", "set a parameter", parameter)
    .addOption(new Option("-m, --memory-model <name>", "the memory to run on, in place of what the protocol says").choices(memoryModels))
    .addOption(new Option("--buffer <entries>", "tso, pso: longest store buffer of threads that loop").argParser(upTo(1, mostBuffered)))
    .addOption(new Option("--messages <count>", "ra: most messages of a cell where threads loop").argParser(upTo(2, mostMessages)))
    .addOption(new Option("--most <sets>", "stop after this many sets").argParser(count).default(8))
    .addOption(new Option("--max-states <n>", "bound of each trial").argParser(count))
    .addOption(new Option("--timeout <time>", "bound of each trial").argParser(seconds))
    .option("--json", "print one JSON document on stdout")
    .addHelpText(
      "after",
      `
Exit codes: 0 sets were found, 1 no set makes it hold, 3 a bound was reached.

Example:
  $ ipc-check repair ring.ts --fences --memory-model tso
  $ ipc-check repair server.ts --timeouts`,
    )
    .action(async (spec: string, options: RepairCommand & Common) => {
      const { repair } = await import("./repair.ts");
      done(await repair(spec, options, terminal(options.color)));
    });
}

function describeList(program: Command, done: Done): void {
  common(program.command("list"))
    .description("list the protocols of specifications")
    .argument("[spec...]", "files, folders or patterns; default: the library that comes with the tool")
    .option("--json", "print one JSON document on stdout")
    .addHelpText("after", "\nExample:\n  $ ipc-check list 'specs/**/*.ts'")
    .action(async (specs: readonly string[], options: Common & { readonly json?: true }) => {
      const { list } = await import("./list.ts");
      done(await list(specs, options, terminal(options.color)));
    });
}

function describeExplain(program: Command, done: Done): void {
  common(program.command("explain"))
    .description("explain an error code or a kind of violation")
    .argument("[code]", "IPC004, deadlock, …; without it, all are listed")
    .addHelpText("after", "\nExamples:\n  $ ipc-check explain IPC004\n  $ ipc-check explain unreplied-call")
    .action(async (code: string | undefined, options: Common) => {
      const { explain } = await import("./explain.ts");
      done(await explain(code, terminal(options.color)));
    });
}

function describeInit(program: Command, done: Done): void {
  common(program.command("init"))
    .description("write a first specification")
    .argument("[file]", "where to write it; default: the template's name with .ts")
    .addOption(new Option("-t, --template <name>", "what to begin with").choices(["rpc", "ring-buffer", "mutex"]).default("rpc"))
    .option("-f, --force", "overwrite the file if it is there")
    .addHelpText("after", "\nExample:\n  $ ipc-check init --template mutex lock.ts")
    .action(async (file: string | undefined, options: Common & { readonly template: string; readonly force?: true }) => {
      const { init } = await import("./init.ts");
      done(await init(file, options, terminal(options.color)));
    });
}
