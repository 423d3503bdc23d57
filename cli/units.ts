/** Numbers as people write and read them. */

/** Three significant digits with a unit: 5_812_345 is "5.81 M". */
export function short(value: number): string {
  for (const [unit, size] of [
    ["G", 1e9],
    ["M", 1e6],
    ["k", 1e3],
  ] as const) {
    if (value >= size * 10 || (value >= size && unit !== "k")) return `${(value / size).toPrecision(3)} ${unit}`;
  }
  return String(Math.round(value));
}

/** With a space between thousands, for figures that must be exact. */
export function exact(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, " ");
}

export function bytes(value: number): string {
  for (const [unit, size] of [
    ["GB", 1e9],
    ["MB", 1e6],
    ["kB", 1e3],
  ] as const)
    if (value >= size) return `${(value / size).toPrecision(3)} ${unit}`;
  return `${Math.round(value)} B`;
}

export function duration(seconds: number): string {
  if (seconds < 0.1) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 120) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

export function plural(count: number, noun: string, many: string = `${noun}s`): string {
  return `${exact(count)} ${count === 1 ? noun : many}`;
}

/** Never as exact: the bounds, unless they look the same. */
export function estimated({ low, high }: { readonly low: number; readonly high: number }): string {
  return short(low) === short(high) ? `about ${short(high)}` : `perhaps ${short(low)} to ${short(high)}`;
}
