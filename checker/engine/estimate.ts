/**
 * How many states a search will come to, from the widths of the levels that it has been through. Breadth-first levels of most
 * systems grow and shrink as a bell does (Pelánek: "Typical Structural Properties of State Spaces", 2004), so that their rate of growth
 * falls about evenly: a straight line through the logarithms of the last rates says how wide the levels to come will be. Several
 * stretches of the levels give several answers; their disagreement, widened by a factor, is the spread.
 */
import type { Estimate } from "../result.ts";

/** Parts of the levels, from the last one back, that a line is laid through. */
const stretches = [0.25, 0.4, 0.6, 0.8] as const;
const fewestLevels = 6;
const fewestStates = 3_000;
/**
 * What is still unseen may be so many times less or more: with it the true number lay between the bounds in nine of ten of the
 * levels of the library's protocols (tests/engine/estimate.test.ts).
 */
const doubt = 3;
/** An estimate of more than so many times the states found says nothing. */
const furthest = 100;

/** `widths`: states of each level that is known in full. Null: too early to say, or the levels grow faster and faster. */
export function estimateOf(widths: readonly number[]): Estimate | null {
  const seen = widths.reduce((sum, width) => sum + width, 0);
  if (seen < fewestStates || widths.length <= fewestLevels) return null;
  const unseen = stretches.map((share) => extrapolated(widths, Math.max(fewestLevels - 1, Math.ceil(share * (widths.length - 1))), furthest * seen));
  const [low, high] = [seen + Math.min(...unseen) / doubt, seen + Math.max(...unseen) * doubt];
  if (high > furthest * seen) return null;
  const middle = seen + Math.exp(unseen.reduce((sum, each) => sum + Math.log(each + 1), 0) / unseen.length) - 1;
  return { states: Math.round(middle), low: Math.floor(low), high: Math.ceil(high) };
}

/** States of the levels to come, if the rate of growth goes on along the line through the last ones; no more than `most`. */
function extrapolated(widths: readonly number[], rates: number, most: number): number {
  const last = widths.length - 1;
  const points = Array.from({ length: rates }, (_, i) => ({ x: -i, y: Math.log((widths[last - i] ?? 1) / (widths[last - i - 1] ?? 1)) }));
  const mean = (of: (point: { readonly x: number; readonly y: number }) => number): number => points.reduce((sum, point) => sum + of(point), 0) / rates;
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)];
  const slope = mean((point) => (point.x - x) * (point.y - y)) / mean((point) => (point.x - x) ** 2);
  let sum = 0;
  for (let ahead = 1, width = widths[last] ?? 0; sum <= most; ahead++) {
    const rate = y + slope * (ahead - x);
    if (rate >= 0 && slope >= 0) return Number.POSITIVE_INFINITY;
    width *= Math.exp(rate);
    if (width < 0.5) break;
    sum += width;
  }
  return sum;
}
