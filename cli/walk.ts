/** Walks through a replay in the terminal: by keys where there is one, by commands a line each where there is none. */
import { createInterface, emitKeypressEvents } from "node:readline";
import type { ReadStream } from "node:tty";
import { type Part, parts } from "../counterexamples/parts.ts";
import type { Replay } from "../counterexamples/replay.ts";
import { picture, type StepView, stepView } from "../counterexamples/step-view.ts";
import type { Stream, Terminal } from "./terminal.ts";

type Command =
  | { readonly kind: "go"; readonly to: number }
  | { readonly kind: "show"; readonly parts: readonly Part[] }
  | { readonly kind: "help" }
  | { readonly kind: "quit" }
  | { readonly kind: "unknown"; readonly text: string };

const help = `n, empty line   next step
p               previous step
g N             go to where N steps have been taken; g 0 is the start
e               go to the end
s cpu,memory    show parts of the machine: ${parts.join(", ")}; s alone shows none
q               quit`;
const keys = "→ next  ← previous  g N go to step  home start  end end  1 cpu  2 cache  3 kernel  4 memory  q quit";

/** Walks until the reader quits or the input ends. */
export async function walk(replay: Replay, shown: readonly Part[], { out, err }: Terminal, input: NodeJS.ReadStream): Promise<void> {
  const walker = new Walker(replay, shown, out);
  if (input.isTTY && out.isTTY) return byKeys(walker, out, input);
  walker.go(0);
  out.write(walker.text());
  for await (const line of createInterface({ input, terminal: false })) {
    const command = parse(line.trim(), walker);
    switch (command.kind) {
      case "quit":
        return;
      case "help":
        out.write(`${help}\n`);
        break;
      case "unknown":
        err.write(`"${command.text}" is no command; h lists them\n`);
        break;
      case "show":
        walker.shown = command.parts;
        walker.go(walker.step);
        out.write(walker.text());
        break;
      case "go":
        walker.go(command.to);
        out.write(walker.text());
    }
  }
}

function parse(text: string, { step }: Walker): Command {
  const [word = "", rest = ""] = text.split(/\s+(.*)/u);
  switch (word) {
    case "":
    case "n":
      return { kind: "go", to: step + 1 };
    case "p":
      return { kind: "go", to: step - 1 };
    case "g":
      return /^\d+$/u.test(rest) ? { kind: "go", to: Number(rest) } : { kind: "unknown", text };
    case "e":
      return { kind: "go", to: Number.POSITIVE_INFINITY };
    case "s": {
      const names = rest === "" ? [] : rest.split(",").map((name) => name.trim());
      const known = parts.filter((part) => names.includes(part));
      return known.length === new Set(names).size ? { kind: "show", parts: known } : { kind: "unknown", text };
    }
    case "h":
    case "?":
      return { kind: "help" };
    case "q":
      return { kind: "quit" };
    default:
      return { kind: "unknown", text };
  }
}

/** Where the reader stands. */
class Walker {
  shown: readonly Part[];
  readonly #replay: Replay;
  readonly #out: Stream;
  #view: StepView | null = null;

  constructor(replay: Replay, shown: readonly Part[], out: Stream) {
    this.#replay = replay;
    this.shown = shown;
    this.#out = out;
  }

  get step(): number {
    return this.#replay.step;
  }

  /** Goes to where so many steps have been taken, or as near as there are steps. */
  go(step: number): void {
    const replay = this.#replay;
    const to = Math.max(0, Math.min(step, replay.trace.decisions.length));
    replay.goTo(Math.max(0, to - 1));
    const before = to === 0 || replay.result !== null ? null : picture(replay, this.shown);
    replay.goTo(to);
    this.#view = stepView(replay, before, picture(replay, this.shown));
  }

  text(): string {
    return this.#view === null ? "" : render(this.#view, this.#out);
  }
}

/** A step as lines; what it changed stands out. */
function render(view: StepView, out: Stream): string {
  const rows = (all: readonly { readonly name: string; readonly text: string; readonly changed: boolean }[], indent: string): readonly string[] => {
    const width = Math.min(Math.max(...all.map(({ name }) => name.length), 0), 36);
    return all.map(({ name, text, changed }) => `${changed ? "*" : " "}${indent}${name.padEnd(width)}  ${changed ? out.style("cyan", text) : text}`);
  };
  return [
    `${out.style("bold", view.position)}${view.who === "" ? "" : `  ${view.who}`}`,
    ...(view.source === null ? [] : [`  ${out.style("dim", view.source)}`]),
    ...(view.operation === "" ? [] : [`  ${view.operation}`]),
    ...[...view.changes, ...view.completed].map((each) => `    ${out.style("cyan", each)}`),
    `  ${view.verdict}`,
    ...rows(view.threads, " "),
    ...view.parts.flatMap(({ part, rows: own }) => [out.style("bold", part), ...(own.length === 0 ? ["  nothing"] : rows(own, " "))]),
    "",
    "",
  ].join("\n");
}

/** A screen for each step. */
async function byKeys(walker: Walker, out: Stream, input: ReadStream): Promise<void> {
  emitKeypressEvents(input);
  input.setRawMode(true);
  input.resume();
  /** Digits typed after `g`; null while no number is being typed. */
  let number: string | null = null;
  const draw = (): void => out.write(`\u001b[2J\u001b[H${walker.text()}${out.style("dim", number === null ? keys : `go to step ${number}`)}`);
  const go = (to: number): void => {
    walker.go(to);
    draw();
  };
  go(0);
  await new Promise<void>((done) => {
    const onKey = (text: string | undefined, { name, ctrl }: { readonly name?: string; readonly ctrl?: boolean }): void => {
      if (name === "q" || name === "escape" || (ctrl === true && (name === "c" || name === "d"))) {
        input.off("keypress", onKey);
        return done();
      }
      if (number !== null) {
        if (/^\d$/u.test(text ?? "")) number += text;
        else if (name === "backspace") number = number.slice(0, -1);
        else if (name === "return") {
          const to = Number(number === "" ? walker.step : number);
          number = null;
          return go(to);
        } else number = null;
        return draw();
      }
      const part = parts[Number(text) - 1];
      if (part !== undefined) {
        walker.shown = parts.filter((each) => (each === part) !== walker.shown.includes(each));
        return go(walker.step);
      }
      if (name === "right" || name === "down" || name === "n" || name === "space" || name === "return") return go(walker.step + 1);
      if (name === "left" || name === "up" || name === "p") return go(walker.step - 1);
      if (name === "home") return go(0);
      if (name === "end" || name === "e") return go(Number.POSITIVE_INFINITY);
      if (name === "g") {
        number = "";
        draw();
      }
    };
    input.on("keypress", onKey);
  });
  input.setRawMode(false);
  input.pause();
  out.write("\n");
}
