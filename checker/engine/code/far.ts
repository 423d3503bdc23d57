/**
 * Addresses in what grows: tables, their indexes, marks, the log of edges. They have 32 bits and lead to the only memory there is, or,
 * where that is wide (memory.ts), 64 bits and lead to the second one. Code that works on what grows says here what it does with
 * addresses, and comes out in either way; everything else has a fixed size and is not concerned.
 */
import type { AddressCell } from "./cells.ts";
import { type FunctionBuilder, type MemoryIndex, type Op, op, type ValueKind } from "../wasm/encoder.ts";

type Operation = "add" | "sub" | "mul" | "shl" | "shr" | "eq";
const operations: Readonly<Record<ValueKind, Readonly<Record<Operation, Op>>>> = {
  i32: { add: op.i32_add, sub: op.i32_sub, mul: op.i32_mul, shl: op.i32_shl, shr: op.i32_shr_u, eq: op.i32_eq },
  i64: { add: op.i64_add, sub: op.i64_sub, mul: op.i64_mul, shl: op.i64_shl, shr: op.i64_shr_u, eq: op.i64_eq },
};

/** Where words stand: the local with their address, and the memory. */
export interface At {
  readonly address: number;
  readonly memory: MemoryIndex;
}
/** Words in what has a fixed size. */
export function near(address: number): At {
  return { address, memory: 0 };
}

export class Far {
  /** Of an address. */
  readonly kind: ValueKind;
  /** What loads and stores there say. */
  readonly memory: MemoryIndex;

  constructor(wide: boolean) {
    this.kind = wide ? "i64" : "i32";
    this.memory = wide ? 1 : 0;
  }
  get wide(): boolean {
    return this.memory === 1;
  }

  at(address: number): At {
    return { address, memory: this.memory };
  }
  /** Pushes the address that stands in a cell. */
  cell(f: FunctionBuilder, { cell }: AddressCell): FunctionBuilder {
    return f.i32(0).load(this.kind, cell);
  }
  /** Makes the number on the stack one that addresses are computed with. */
  widen(f: FunctionBuilder): FunctionBuilder {
    return this.wide ? f.op(op.i64_extend_u) : f;
  }
  /** The same, for a number of 64 bits. */
  fit(f: FunctionBuilder): FunctionBuilder {
    return this.wide ? f : f.op(op.i32_wrap);
  }
  /** Makes what was computed a number, which must be known to fit. */
  narrow(f: FunctionBuilder): FunctionBuilder {
    return this.wide ? f.op(op.i32_wrap) : f;
  }
  /** Computes with the address on the stack and what is above it. */
  op(f: FunctionBuilder, name: Operation): FunctionBuilder {
    return f.op(operations[this.kind][name]);
  }
  /** Computes with the address on the stack and a constant. */
  with(f: FunctionBuilder, name: Operation, value: number): FunctionBuilder {
    return this.op(this.wide ? f.i64(BigInt(value)) : f.i32(value), name);
  }
  /** Pushes the address of an item of an array, whose address stands in a cell; the local holds the item's number. */
  item(f: FunctionBuilder, cell: AddressCell, number: number, bytes: number): FunctionBuilder {
    this.cell(f, cell);
    this.widen(f.get(number));
    if (bytes > 1) this.with(f, "mul", bytes);
    return this.op(f, "add");
  }
}
