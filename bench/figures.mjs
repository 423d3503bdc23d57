// Figures of repeated runs and how they are shown: medians with the least and the greatest value, ratios run by run, tables.

const sorted = (values) => [...values].sort((a, b) => a - b);
export const median = (values) => {
  const order = sorted(values);
  const middle = order.length >> 1;
  return order.length % 2 === 1 ? order[middle] : (order[middle - 1] + order[middle]) / 2;
};

export const millions = (value) => (value / 1e6).toFixed(2);
export const megabytes = (value) => (value / 2 ** 20).toFixed(0);
export const seconds = (value) => value.toFixed(value < 10 ? 3 : 1);
export const bytes = (value) => value.toFixed(1);
export const count = (value) => value.toLocaleString("en-US");
export const times = (value) => (value >= 100 ? value.toFixed(0) : value.toFixed(2));

/** The median with the least and the greatest value; a value that never changes stands alone, and without values nothing does. */
export function spread(values, show) {
  if (values.length === 0) return "";
  const [least, greatest] = [show(Math.min(...values)), show(Math.max(...values))];
  return least === greatest ? show(median(values)) : `${show(median(values))} (${least} to ${greatest})`;
}

/** `of` of each run by that of the run of `other` that met the same machine; none where either is missing. */
export const ratios = (one, other, of) =>
  one
    .slice(0, other.length)
    .map((result, run) => of(result) / of(other[run]))
    .filter(Number.isFinite);

export function table(header, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(header), `|${header.map((_, column) => (column === 0 ? " --- " : " ---: ")).join("|")}|`, ...rows.map(line), ""];
}
