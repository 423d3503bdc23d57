/**
 * Memory other than sequentially consistent: what a protocol asks of it (`MemoryRequest`) put before a model of
 * `model/memory`, and what rules that act on memory itself (guarded steps, kernel code) must wait for.
 *
 * Only variables that some thread reads or writes by itself are cells of the model; what is used in guarded steps or by
 * kernels alone needs none. Buffers and lists are as long as a program without loops can fill them, else the bound.
 */
import type { Order } from "../language/memory.ts";
import type { AccessKind, DirectRule, MemoryAccess, MemoryFence, MemoryModel, MemorySetup } from "../memory/model.ts";
import { memoryModel } from "../memory/index.ts";
import { failureOrder, releases } from "../memory/order.ts";
import type { Expr } from "../system/system.ts";
import { binary, equal, register, substitute } from "./expr.ts";
import { reachable } from "./graph.ts";
import type { KernelOperation, LanguageOperation, MemoryRequest, Pending } from "./pending.ts";
import type { Program } from "./program.ts";
import { asCell, wrap } from "./storage.ts";
import { everAfter, type GroupLocation, pendingRegister, type Replica } from "./threads.ts";

/** Programs without loops get lists of this length at most. */
const longest = 32;

const requestOf = (pending: Pending): MemoryRequest | null => (pending.kind === "language" ? pending.memory : null);

/** Sets up the protocol's memory model; null under sequential consistency. Declares its variables. */
export function memoryOf(program: Program, replicas: readonly Replica[]): MemoryModel | null {
  const { model } = program.instance.memoryModel;
  if (model === "sc") return null;
  const memory = memoryModel(model, setupOf(program, replicas));
  program.variables.push(...memory.variables);
  program.touched = memory.touched;
  return memory;
}

function setupOf(program: Program, replicas: readonly Replica[]): MemorySetup {
  const { instance } = program;
  const all = replicas.flatMap((replica) => replica.group.locations.map((location) => ({ replica, location, request: requestOf(location.pending) })));
  const named = new Set(all.flatMap(({ request }) => (request?.kind === "access" ? [request.variable] : [])));
  /** The sum over places; one that a thread can come back to counts without end. */
  const count = (places: typeof all, weight: (location: GroupLocation) => number): number =>
    places.reduce((sum, { location }) => {
      const each = weight(location);
      return each === 0 ? sum : sum + (everAfter(location).has(location.node) ? Number.POSITIVE_INFINITY : each);
    }, 0);
  const length = (wanted: number, bound: number): number => (wanted <= longest ? wanted : bound);
  const orders = all.flatMap(({ request }): readonly (Order | "plain")[] => (request === null || request.kind === "step" ? ["seq_cst"] : [request.order]));
  return {
    cells: program.variables.filter(({ id }) => named.has(id)),
    firstVariable: program.variables.length,
    cpus: instance.cpus,
    kernel: all.some(({ location }) => location.pending.kind === "kernel") ? { objects: instance.objects.length } : null,
    steps: all.some(({ request }) => request?.kind === "step"),
    threads: replicas.map((replica) => ({
      accesses: replica.group.locations.flatMap(({ pending }): readonly AccessKind[] => {
        const request = requestOf(pending);
        return request?.kind === "access" ? [{ variable: request.variable, write: request.effect.kind !== "read", plain: request.order === "plain" }] : [];
      }),
      cpu: replica.instance.cpu,
      fences: replica.group.locations.flatMap(({ pending }): readonly Order[] => {
        const request = requestOf(pending);
        return request?.kind === "fence" ? [request.order] : [];
      }),
      finished: program.finished(replica.instance.handle.id),
    })),
    sequential: orders.includes("seq_cst"),
    buffer: (cpu) =>
      length(
        count(
          all.filter(({ replica }) => replica.instance.cpu === cpu),
          ({ pending }) => entriesOf(requestOf(pending)),
        ),
        instance.memoryModel.buffer,
      ),
    messages: (variable) => {
      const writes = count(all, ({ pending }) => writesOf(program, pending, variable));
      return length(1 + writes, instance.memoryModel.messages);
    },
  };
}

/** Messages of a variable that one operation can add. A kernel may write what its operations name. */
function writesOf(program: Program, pending: Pending, variable: number): number {
  if (pending.kind === "kernel") {
    const cells = [...pending.args.values()].map(asCell).filter((cell) => cell !== null);
    return Number(cells.some(({ cell }) => program.state(`memory.${cell.variable}`).variable.id === variable));
  }
  if (pending.memory?.kind === "access") return Number(pending.memory.variable === variable && pending.memory.effect.kind !== "read");
  const bodies = pending.memory?.kind === "step" ? pending.rules.flatMap(({ body }) => reachable(body.entry)) : [];
  return Number(bodies.some(({ statements }) => statements.some((each) => each.op === "assign" && each.variable === variable)));
}

/** The cells that a kernel operation names. */
export function cellsOf(program: Program, replica: Replica, location: GroupLocation, pending: KernelOperation): DirectRule["cells"] {
  const local = pendingRegister(replica, location);
  return [...pending.args.values()].flatMap((value) => {
    const cell = asCell(value);
    if (cell === null) return [];
    const { variable } = program.state(`memory.${cell.cell.variable}`);
    return [{ variable: variable.id, index: variable.length === 1 ? null : substitute(cell.index, (id) => local(id) ?? register(id)) }];
  });
}

/** Entries of a store buffer that one operation can take, barriers included. */
function entriesOf(request: MemoryRequest | null): number {
  if (request === null || request.kind === "step") return 0;
  const barrier = Number(request.order !== "seq_cst" && releases(request.order));
  if (request.kind === "fence") return barrier;
  return request.effect.kind === "write" && request.order !== "seq_cst" ? 1 + barrier : 0;
}

/** The access or fence of one thread at one place, before a memory model lowers it. */
export function accessAt(program: Program, replica: Replica, location: GroupLocation, pending: LanguageOperation): MemoryAccess | MemoryFence | null {
  const request = pending.memory;
  if (request === null || request.kind === "step") return null;
  const local = pendingRegister(replica, location);
  const resolve = (expr: Expr): Expr => substitute(expr, (id) => local(id) ?? register(id));
  const base = {
    thread: replica.instance.handle.id,
    location: location.index,
    rule: pending.rules[0]?.name ?? pending.name,
    operation: program.languageOperation(pending.name, pending.results),
  };
  if (request.kind === "fence") return { ...base, order: request.order };
  return {
    ...base,
    variable: request.variable,
    index: request.index === null ? null : resolve(request.index),
    order: request.order,
    checks: [],
    effect: effectOf(request, resolve, local),
  };
}

function effectOf(
  { effect, order }: Extract<MemoryRequest, { kind: "access" }>,
  resolve: (expr: Expr) => Expr,
  local: (id: number) => Expr | null,
): MemoryAccess["effect"] {
  switch (effect.kind) {
    case "read": {
      const { accepts } = effect;
      return { kind: "read", accepts: accepts === null ? null : (value) => accepts(value, local) };
    }
    case "write":
      return { ...effect, value: resolve(effect.value) };
    case "modify": {
      const operand = resolve(effect.operand);
      const expected = effect.expected === null ? null : resolve(effect.expected);
      const value = (old: Expr): Expr => {
        if (!effect.adds) return operand;
        const sum = binary("+", old, operand);
        return effect.wraps === null ? sum : wrap(sum, effect.wraps);
      };
      return {
        kind: "modify",
        value,
        compares: expected === null ? null : { holds: (old) => equal(old, expected), failure: failureOrder(order === "plain" ? "relaxed" : order) },
        outOfRange: effect.outOfRange,
      };
    }
  }
}
