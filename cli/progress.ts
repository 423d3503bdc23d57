/** Progress on stderr: one line rewritten each second on a terminal, else a plain line every ten seconds. */
import type { Progress } from "../checker/result.ts";
import type { Stream } from "./terminal.ts";
import { bytes, duration, estimated, short } from "./units.ts";

export interface ProgressLine {
  show(progress: Progress): void;
  /** Removes the line before other output. */
  clear(): void;
}

export function progressLine(stream: Stream, name: string, now: () => number = () => performance.now()): ProgressLine {
  let shown = false;
  let last = { time: Number.NEGATIVE_INFINITY, states: 0, seconds: 0, frontier: 0 };
  return {
    show(progress) {
      const time = now();
      if (time - last.time < (stream.isTTY ? 900 : 9_900)) return;
      const elapsed = progress.seconds - last.seconds;
      const rate = elapsed > 0 ? (progress.states - last.states) / elapsed : 0;
      // The first plain line would come at once; it waits its ten seconds like the others.
      const first = last.time === Number.NEGATIVE_INFINITY;
      const change = first || last.frontier === 0 ? 0 : progress.frontier - last.frontier;
      const trend = change === 0 ? "" : change > 0 ? " growing" : " shrinking";
      last = { time, states: progress.states, seconds: progress.seconds, frontier: progress.frontier };
      if (first && !stream.isTTY && progress.seconds < 9) return;
      const { estimate } = progress;
      const inAll = estimate === null ? "" : ` of ${estimated(estimate)}`;
      const disk = progress.onDisk === 0 ? "" : ` and ${bytes(progress.onDisk)} on disk`;
      const text = `${name}: ${short(progress.states)} states${inAll}, ${short(rate)}/s, depth ${progress.depth}, frontier ${short(progress.frontier)}${trend}, ${bytes(progress.memory)}${disk}, ${duration(progress.seconds)}`;
      stream.write(stream.isTTY ? `\r\x1b[K${text.slice(0, Math.max(20, stream.width - 1))}` : `${text}\n`);
      shown = stream.isTTY;
    },
    clear() {
      if (shown) stream.write("\r\x1b[K");
      shown = false;
    },
  };
}
