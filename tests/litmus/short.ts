/** Short C litmus programs for table tests. */

/** Short forms: `W(x,1,rlx)`, `R(x,acq)`, `F(sc)`, `ADD(x,1,rel)`, `XCHG(x,1,ar)`. */
export function source(threads: readonly string[], condition: string): string {
  const orders: Readonly<Record<string, string>> = { rlx: "relaxed", acq: "acquire", rel: "release", ar: "acq_rel", sc: "seq_cst" };
  const order = (short: string): string => `memory_order_${orders[short] ?? short}`;
  const expand = (code: string): string =>
    code
      .replace(/\bW\((\w+),(\w+),(\w+)\)/g, (_, x: string, v: string, o: string) => `atomic_store_explicit(${x}, ${v}, ${order(o)})`)
      .replace(/\bR\((\w+),(\w+)\)/g, (_, x: string, o: string) => `atomic_load_explicit(${x}, ${order(o)})`)
      .replace(/\bF\((\w+)\)/g, (_, o: string) => `atomic_thread_fence(${order(o)})`)
      .replace(/\bADD\((\w+),(\w+),(\w+)\)/g, (_, x: string, v: string, o: string) => `atomic_fetch_add_explicit(${x}, ${v}, ${order(o)})`)
      .replace(/\bXCHG\((\w+),(\w+),(\w+)\)/g, (_, x: string, v: string, o: string) => `atomic_exchange_explicit(${x}, ${v}, ${order(o)})`)
      .replace(
        /\bCAS\((\w+),(\w+),(\w+),(\w+),(\w+)\)/g,
        (_, x: string, e: string, v: string, o: string, f: string) => `atomic_compare_exchange_strong_explicit(${x}, &${e}, ${v}, ${order(o)}, ${order(f)})`,
      );
  return [
    "C test",
    "{ }",
    ...threads.map((code, t) => `P${t} (atomic_int* x, atomic_int* y, atomic_int* z) { ${expand(code)} }`),
    `locations [x; y; z]`,
    `exists (${condition})`,
  ].join("\n");
}
