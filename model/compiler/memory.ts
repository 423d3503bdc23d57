/**
 * Memory other than sequentially consistent: what a protocol asks of it (`MemoryRequest`) put before a model of
 * `model/memory`, and what rules that act on memory itself (guarded steps, kernel code) must wait for.
 *
 * Only variables that some thread reads or writes by itself are cells of the model; what is used in guarded steps or by
 * kernels alone needs none. Buffers and lists are as long as a program without loops can fill them, else the bound.
 */
import type { Order } from "../language/memory.ts";
import type { MemoryAccess, MemoryFence, MemoryModel, MemorySetup } from "../memory/model.ts";
import { memoryModel } from "../memory/index.ts";
import { failureOrder, releases } from "../memory/order.ts";
import type { Block, Code, Expr, Terminator } from "../system/system.ts";
import { binary, equal, register, substitute } from "./expr.ts";
import type { LanguageOperation, MemoryRequest, Pending } from "./pending.ts";
import type { Program } from "./program.ts";
import { wrap } from "./storage.ts";
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
  return memory;
}

function setupOf(program: Program, replicas: readonly Replica[]): MemorySetup {
  const { instance } = program;
  const all = replicas.flatMap((replica) => replica.group.locations.map((location) => ({ replica, location, request: requestOf(location.pending) })));
  const named = new Set(all.flatMap(({ request }) => (request?.kind === "access" ? [request.variable] : [])));
  /** The sum over places; one that a thread can come back to counts without end. */
  const count = (places: typeof all, weight: (request: MemoryRequest) => number): number =>
    places.reduce((sum, { location, request }) => {
      const each = request === null ? 0 : weight(request);
      return each === 0 ? sum : sum + (everAfter(location).has(location.node) ? Number.POSITIVE_INFINITY : each);
    }, 0);
  const length = (wanted: number, bound: number): number => (wanted <= longest ? wanted : bound);
  const orders = all.flatMap(({ request }): readonly (Order | "plain")[] => (request === null || request.kind === "step" ? ["seq_cst"] : [request.order]));
  return {
    cells: program.variables.filter(({ id }) => named.has(id)),
    firstVariable: program.variables.length,
    cpus: instance.cpus,
    threads: replicas.map((replica) => ({
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
          entriesOf,
        ),
        instance.memoryModel.buffer,
      ),
    messages: (variable) => {
      const writes = count(all, (request) => Number(request.kind === "access" && request.variable === variable && request.effect.kind !== "read"));
      return length(1 + writes, instance.memoryModel.messages);
    },
  };
}

/** Entries of a store buffer that one operation can take, barriers included. */
function entriesOf(request: MemoryRequest): number {
  if (request.kind === "step") return 0;
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

/** A guard that asks for what two guards ask for. */
export function both(first: Code, second: Code): Code {
  const from = first.blocks.length;
  const move = (code: Code, by: number, allow: Terminator): readonly Block[] =>
    code.blocks.map(({ statements, end }): Block => {
      switch (end.op) {
        case "allow":
          return { statements, end: allow };
        case "goto":
          return { statements, end: { ...end, block: end.block + by } };
        case "branch":
          return { statements, end: { ...end, then: end.then + by, else: end.else + by } };
        default:
          return { statements, end };
      }
    });
  return {
    temps: Math.max(first.temps, second.temps),
    blocks: [...move(first, 0, { op: "goto", block: from }), ...move(second, from, { op: "allow" })],
  };
}
