/** Where the command line writes: results to stdout, progress and diagnostics to stderr; colour for each on its own. */
import { styleText } from "node:util";

export type ColorMode = "auto" | "always" | "never";
export type Style = Parameters<typeof styleText>[0];

export interface Stream {
  readonly isTTY: boolean;
  readonly color: boolean;
  readonly width: number;
  write(text: string): void;
  style(format: Style, text: string): string;
}
export interface Terminal {
  readonly out: Stream;
  readonly err: Stream;
}

/** FORCE_COLOR and NO_COLOR (no-color.org) decide where `--color` does not. */
function wantsColor(stream: NodeJS.WriteStream, mode: ColorMode): boolean {
  if (mode !== "auto") return mode === "always";
  const force = process.env["FORCE_COLOR"];
  if (force !== undefined && force !== "") return force !== "0" && force !== "false";
  if ((process.env["NO_COLOR"] ?? "") !== "" || process.env["TERM"] === "dumb") return false;
  return stream.isTTY === true;
}

function stream(target: NodeJS.WriteStream, mode: ColorMode): Stream {
  const color = wantsColor(target, mode);
  return {
    isTTY: target.isTTY === true,
    color,
    width: target.columns ?? 120,
    write: (text) => void target.write(text),
    style: (format, text) => (color ? styleText(format, text, { validateStream: false }) : text),
  };
}

export function terminal(mode: ColorMode): Terminal {
  return { out: stream(process.stdout, mode), err: stream(process.stderr, mode) };
}
