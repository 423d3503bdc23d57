/**
 * A layered drawing of a directed graph, after Sugiyama, Tagawa and Toda (1981): columns by distance from the start, and
 * within a column an order by barycentres, swept forwards and backwards, so that few edges cross.
 */

/** Sweeps in each direction. */
const sweeps = 4;

export interface Drawing {
  readonly columns: number;
  readonly rows: number;
  /** Of each node, in columns and rows; columns are centred on each other. */
  readonly at: readonly { readonly x: number; readonly y: number }[];
}

/** Lays out nodes `0..count-1`; node 0 is the start, and all others can be reached from it. */
export function layered(count: number, edges: readonly { readonly from: number; readonly to: number }[]): Drawing {
  const after: number[][] = Array.from({ length: count }, () => []);
  const around: number[][] = Array.from({ length: count }, () => []);
  for (const { from, to } of edges) {
    after[from]?.push(to);
    around[from]?.push(to);
    around[to]?.push(from);
  }
  const column = new Map<number, number>(count === 0 ? [] : [[0, 0]]);
  for (const node of column.keys()) for (const next of after[node] ?? []) if (!column.has(next)) column.set(next, (column.get(node) ?? 0) + 1);
  const columns: number[][] = [];
  for (const [node, x] of column) (columns[x] ??= []).push(node);
  const rows = Math.max(1, ...columns.map(({ length }) => length));
  const y = new Array<number>(count).fill(0);
  const place = (nodes: readonly number[]): void =>
    nodes.forEach((node, index) => {
      y[node] = (rows - nodes.length) / 2 + index;
    });
  columns.forEach(place);
  for (let sweep = 0; sweep < 2 * sweeps; sweep++) {
    const forwards = sweep % 2 === 0;
    for (const nodes of forwards ? columns : columns.toReversed()) {
      const centre = new Map(
        nodes.map((node) => {
          const x = column.get(node) ?? 0;
          const near = (around[node] ?? [])
            .filter((other) => (forwards ? (column.get(other) ?? 0) < x : (column.get(other) ?? 0) > x))
            .map((other) => y[other] ?? 0);
          return [node, near.length === 0 ? (y[node] ?? 0) : near.reduce((sum, each) => sum + each, 0) / near.length];
        }),
      );
      nodes.sort((a, b) => (centre.get(a) ?? 0) - (centre.get(b) ?? 0) || (y[a] ?? 0) - (y[b] ?? 0));
      place(nodes);
    }
  }
  return { columns: columns.length, rows, at: y.map((row, node) => ({ x: column.get(node) ?? 0, y: row })) };
}
