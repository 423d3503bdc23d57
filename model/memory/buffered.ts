/**
 * Sequential consistency, TSO and PSO: memory with a store buffer for each CPU (Owens, Sarkar and Sewell 2009; SPARC V8).
 * SC is the case without buffers.
 *
 * A buffer is a list of (address, value) in program order. TSO drains its head only. PSO drains any entry that has no
 * older one for its address, and keeps the entries between two barriers sorted by address, so that orders which nobody
 * can observe are one state. A store-store barrier (release store, release fence) is an entry of its own, dropped when it
 * reaches the head.
 */
import type { Expr, StoreBuffer, Variable } from "../system/system.ts";
import { BodyBuilder, all, any, binary, both, check, constant, guard, inRange, load, not, pick, select } from "./code.ts";
import type { LoweredTransition, MemoryAccess, MemoryFence, MemoryModel, MemorySetup, Pending } from "./model.ts";
import { releases } from "./order.ts";

const free = -2;
const barrier = -1;

interface Buffer extends StoreBuffer {
  readonly capacity: number;
}

/** Sets up one of the buffered memories. */
export function bufferedMemory(name: "sc" | "tso" | "pso", setup: MemorySetup): MemoryModel {
  const variables: Variable[] = [];
  const cells = setup.cells.map((variable, i) => ({ variable, base: setup.cells.slice(0, i).reduce((sum, v) => sum + v.length, 0) }));
  const count = setup.cells.reduce((sum, v) => sum + v.length, 0);
  const low = Math.min(0, ...setup.cells.map((v) => v.min));
  const high = Math.max(0, ...setup.cells.map((v) => v.max));
  const buffers = Array.from({ length: setup.cpus }, (_, cpu): Buffer | null => {
    const capacity = name === "sc" ? 0 : setup.buffer(cpu);
    if (capacity === 0) return null;
    const declare = (field: string, length: number, min: number, max: number): number => {
      const id = setup.firstVariable + variables.length;
      variables.push({
        id,
        name: `buffer.${cpu}.${field}`,
        role: "kernel",
        thread: null,
        scope: null,
        length,
        type: { kind: "int" },
        min,
        max,
        initial: new Array<number>(length).fill(min),
        queue: null,
        projected: false,
      });
      return id;
    };
    return {
      cpu,
      capacity,
      address: declare("address", capacity, free, count - 1),
      value: declare("value", capacity, low, high),
      fill: declare("fill", 1, 0, capacity),
    };
  });

  const addressOf = (access: MemoryAccess): Expr => {
    const cell = cells.find(({ variable }) => variable.id === access.variable);
    if (cell === undefined) throw new Error(`variable ${access.variable} is not shared memory`);
    return binary(access.index ?? constant(0), "+", cell.base);
  };
  const bufferOf = (thread: number): Buffer | null => buffers[setup.threads[thread]?.cpu ?? -1] ?? null;
  const empty = (buffer: Buffer | null): Expr => (buffer === null ? constant(1) : binary(load(buffer.fill), "==", 0));

  /** What a load sees: the newest buffered store to the cell, else memory. */
  const visible = (buffer: Buffer | null, access: MemoryAccess): Expr => {
    let seen = load(access.variable, access.index);
    if (buffer === null) return seen;
    for (let i = 0; i < buffer.capacity; i++) seen = select(binary(load(buffer.address, i), "==", addressOf(access)), load(buffer.value, i), seen);
    return seen;
  };

  /** Appends; under PSO sorted by address behind the last barrier. */
  const append = (body: BodyBuilder, buffer: Buffer, address: Expr, value: Expr): void => {
    const at = body.variable(load(buffer.fill));
    const position: Expr = { op: "temp", temp: at };
    if (name === "pso") {
      body.while(all(binary(position, ">", 0), binary(load(buffer.address, binary(position, "-", 1)), ">", address)), () => {
        body.assign(buffer.address, position, load(buffer.address, binary(position, "-", 1)));
        body.assign(buffer.value, position, load(buffer.value, binary(position, "-", 1)));
        body.set(at, binary(position, "-", 1));
      });
    }
    body.assign(buffer.address, position, address);
    body.assign(buffer.value, position, value);
    body.assign(buffer.fill, null, binary(load(buffer.fill), "+", 1));
  };
  /** Whether a barrier would stand behind a store. */
  const needsBarrier = (buffer: Buffer): Expr =>
    all(binary(load(buffer.fill), ">", 0), binary(load(buffer.address, binary(load(buffer.fill), "-", 1)), "!=", barrier));
  const appendBarrier = (body: BodyBuilder, buffer: Buffer): void => {
    body.when(needsBarrier(buffer), () => {
      body.assign(buffer.address, load(buffer.fill), barrier);
      body.assign(buffer.fill, null, binary(load(buffer.fill), "+", 1));
    });
  };
  const remove = (body: BodyBuilder, buffer: Buffer, from: Expr): void => {
    const at = body.variable(from);
    const position: Expr = { op: "temp", temp: at };
    body.while(binary(position, "<", binary(load(buffer.fill), "-", 1)), () => {
      body.assign(buffer.address, position, load(buffer.address, binary(position, "+", 1)));
      body.assign(buffer.value, position, load(buffer.value, binary(position, "+", 1)));
      body.set(at, binary(position, "+", 1));
    });
    body.assign(buffer.address, position, free);
    body.assign(buffer.value, position, low);
    body.assign(buffer.fill, null, binary(load(buffer.fill), "-", 1));
  };

  const drain = (buffer: Buffer): LoweredTransition => {
    const body = new BodyBuilder();
    const at: Expr = name === "pso" && buffer.capacity > 1 ? pick : constant(0);
    const address = body.keep(load(buffer.address, at));
    const value = body.keep(load(buffer.value, at));
    for (const { variable, base } of cells) {
      body.when(all(binary(address, ">=", base), binary(address, "<", base + variable.length)), () =>
        body.assign(variable.id, variable.length === 1 ? null : binary(address, "-", base), value),
      );
    }
    remove(body, buffer, at);
    if (name === "pso") body.when(binary(load(buffer.address, 0), "==", barrier), () => remove(body, buffer, constant(0)));
    const older = Array.from({ length: buffer.capacity }, (_, j) =>
      any(binary(at, "<=", j), all(binary(load(buffer.address, j), "!=", barrier), binary(load(buffer.address, j), "!=", load(buffer.address, at)))),
    );
    const enabled = all(binary(at, "<", load(buffer.fill)), ...(at === pick ? [binary(load(buffer.address, at), "!=", barrier), ...older] : []));
    return {
      rule: `CPU ${buffer.cpu} drains`,
      drains: buffer.cpu,
      kind: "background",
      thread: null,
      location: null,
      picks: at === pick ? buffer.capacity : 1,
      guard: guard(enabled),
      body: body.end(),
    };
  };

  const used = buffers.filter((buffer) => buffer !== null);
  /** Some store to the cell is still on its way to memory. */
  const onItsWay = (access: MemoryAccess): Expr =>
    any(...used.flatMap((buffer) => Array.from({ length: buffer.capacity }, (_, i) => binary(load(buffer.address, i), "==", addressOf(access)))));
  return {
    name,
    variables,
    background: used.map(drain),
    // What a thread has stored is in memory when the kernel acts for it, or a guarded step does.
    direct: ({ thread, guard: allowed, body, drains }) => {
      const buffer = thread === null ? null : bufferOf(thread);
      return { guard: drains && buffer !== null ? both(guard(empty(buffer)), allowed) : allowed, body, bound: null };
    },
    touched: null,
    buffers: used,
    messages: [],
    cells: cells.map(({ variable, base }) => ({ variable: variable.id, base })),
    settled: used.length === 0 ? null : all(...used.map(empty)),
    drained: (cpu) => {
      const buffer = buffers[cpu] ?? null;
      return buffer === null ? null : empty(buffer);
    },
    access(access) {
      const buffer = bufferOf(access.thread);
      const { effect } = access;
      const range = setup.cells.find((variable) => variable.id === access.variable);
      const body = new BodyBuilder();
      check(body, access.checks);
      if (effect.kind === "read") {
        const { accepts } = effect;
        const value = body.keep(visible(buffer, access));
        body.complete(access.thread, access.operation, [value]);
        return {
          transitions: [step(access, guard(accepts === null ? constant(1) : accepts(visible(buffer, access))), body)],
          // Who waits for a value may find it when a buffer drains.
          transient: accepts === null || used.length === 0 ? null : onItsWay(access),
          bound: null,
        };
      }
      const direct = effect.kind === "modify" || buffer === null || access.order === "seq_cst";
      if (direct) {
        if (effect.kind === "write") {
          inRange(body, effect.value, range, effect.outOfRange);
          body.assign(access.variable, access.index, effect.value);
          body.complete(access.thread, access.operation, []);
        } else {
          const old = body.keep(load(access.variable, access.index));
          body.when(effect.compares === null ? constant(1) : effect.compares.holds(old), () => {
            const value = body.keep(effect.value(old));
            inRange(body, value, range, effect.outOfRange);
            body.assign(access.variable, access.index, value);
          });
          body.complete(access.thread, access.operation, [old]);
        }
        return { transitions: [step(access, guard(empty(buffer)), body)], transient: buffer === null ? null : not(empty(buffer)), bound: null };
      }
      inRange(body, effect.value, range, effect.outOfRange);
      const ordered = name === "pso" && releases(access.order);
      if (ordered) appendBarrier(body, buffer);
      append(body, buffer, addressOf(access), effect.value);
      body.complete(access.thread, access.operation, []);
      const full = binary(ordered ? binary(load(buffer.fill), "+", needsBarrier(buffer)) : load(buffer.fill), ">=", buffer.capacity);
      return { transitions: [step(access, guard(not(full)), body)], transient: full, bound: full };
    },
    fence(fence: MemoryFence) {
      const buffer = bufferOf(fence.thread);
      const body = new BodyBuilder();
      const keeps = name === "pso" && buffer !== null && fence.order !== "seq_cst" && releases(fence.order);
      if (keeps) appendBarrier(body, buffer);
      body.complete(fence.thread, fence.operation, []);
      const waits = fence.order === "seq_cst" && buffer !== null ? not(empty(buffer)) : null;
      const full = keeps ? all(binary(load(buffer.fill), ">=", buffer.capacity), needsBarrier(buffer)) : null;
      return { transitions: [step(fence, guard(not(waits ?? full ?? constant(0))), body)], transient: waits ?? full, bound: full };
    },
  };
}

const step = (pending: Pending, enabled: LoweredTransition["guard"], body: BodyBuilder): LoweredTransition => ({
  rule: pending.rule,
  kind: "step",
  thread: pending.thread,
  location: pending.location,
  picks: 1,
  guard: enabled,
  body: body.end(),
});
