/**
 * A small encoder of WebAssembly modules (WebAssembly Core Specification 2.0, chapter 5, "Binary Format"): types,
 * imported memories, functions, one table, globals, exports. Only what generated code needs. A second memory has addresses
 * of 64 bits (3.0: multiple memories, 64-bit address space).
 */

export type ValueKind = "i32" | "i64";
const kinds: Readonly<Record<ValueKind, number>> = { i32: 0x7f, i64: 0x7e };

/** Instructions without immediates. */
export const op = {
  unreachable: 0x00,
  return: 0x0f,
  drop: 0x1a,
  select: 0x1b,
  i32_eqz: 0x45,
  i32_eq: 0x46,
  i32_ne: 0x47,
  i32_lt_s: 0x48,
  i32_lt_u: 0x49,
  i32_gt_s: 0x4a,
  i32_gt_u: 0x4b,
  i32_le_s: 0x4c,
  i32_le_u: 0x4d,
  i32_ge_s: 0x4e,
  i32_ge_u: 0x4f,
  i64_eqz: 0x50,
  i64_eq: 0x51,
  i64_ne: 0x52,
  i64_lt_u: 0x54,
  i32_add: 0x6a,
  i32_sub: 0x6b,
  i32_mul: 0x6c,
  i32_div_s: 0x6d,
  i32_div_u: 0x6e,
  i32_rem_s: 0x6f,
  i32_and: 0x71,
  i32_or: 0x72,
  i32_xor: 0x73,
  i32_shl: 0x74,
  i32_shr_s: 0x75,
  i32_shr_u: 0x76,
  i64_ctz: 0x7a,
  i64_add: 0x7c,
  i64_sub: 0x7d,
  i64_mul: 0x7e,
  i64_and: 0x83,
  i64_or: 0x84,
  i64_xor: 0x85,
  i64_shl: 0x86,
  i64_shr_u: 0x88,
  i64_rotl: 0x89,
  i32_wrap: 0xa7,
  i64_extend_u: 0xad,
} as const;
export type Op = (typeof op)[keyof typeof op];

/** Unsigned LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  do {
    const low = value % 128;
    value = Math.floor(value / 128);
    bytes.push(value > 0 ? low | 0x80 : low);
  } while (value > 0);
  return bytes;
}

/** Signed LEB128 of a 32-bit integer. */
function signed32(value: number): number[] {
  const bytes: number[] = [];
  for (;;) {
    const low = value & 0x7f;
    value >>= 7;
    if ((value === 0 && (low & 0x40) === 0) || (value === -1 && (low & 0x40) !== 0)) {
      bytes.push(low);
      return bytes;
    }
    bytes.push(low | 0x80);
  }
}

/** Signed LEB128. */
export function signed(value: bigint): number[] {
  if (value >= -0x8000_0000n && value <= 0x7fff_ffffn) return signed32(Number(value));
  const bytes: number[] = [];
  for (;;) {
    const low = Number(value & 0x7fn);
    value >>= 7n;
    if ((value === 0n && (low & 0x40) === 0) || (value === -1n && (low & 0x40) !== 0)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

/** Which memory an access is to: the first, or the one with addresses of 64 bits. */
export type MemoryIndex = 0 | 1;

/** A branch target: how deeply it is nested. */
export interface Label {
  readonly depth: number;
}
export interface FunctionType {
  readonly params: readonly ValueKind[];
  readonly results: readonly ValueKind[];
}

/** Bytes that are appended one after the other. */
class Bytes {
  #bytes = new Uint8Array(256);
  length = 0;

  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }
  byte(value: number): this {
    if (this.length === this.#bytes.length) {
      const larger = new Uint8Array(2 * this.length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.length++] = value;
    return this;
  }
  all(values: readonly number[]): this {
    for (const value of values) this.byte(value);
    return this;
  }
  unsigned(value: number): this {
    return value < 0x80 ? this.byte(value) : this.all(unsigned(value));
  }
  signed(value: number): this {
    return value >= -0x40 && value < 0x40 ? this.byte(value & 0x7f) : this.all(signed32(value));
  }
}
const alignment = (kind: ValueKind): number => (kind === "i32" ? 2 : 3);

/** The body of a function, instruction by instruction. Parameters are the first locals. */
export class FunctionBuilder {
  readonly index: number;
  readonly type: FunctionType;
  readonly #locals: ValueKind[] = [];
  readonly #code: Bytes = new Bytes();
  readonly #constants = new Map<bigint, readonly number[]>();
  #depth = 0;
  constructor(index: number, type: FunctionType) {
    this.index = index;
    this.type = type;
  }
  /** Bytes of code so far. */
  get size(): number {
    return this.#code.length;
  }
  local(kind: ValueKind): number {
    return this.type.params.length + this.#locals.push(kind) - 1;
  }

  op(...instructions: Op[]): this {
    for (const instruction of instructions) this.#code.byte(instruction);
    return this;
  }
  i32(value: number): this {
    this.#code.byte(0x41).signed(value | 0);
    return this;
  }
  i64(value: bigint): this {
    // The masks of a layout come again and again.
    let bytes = this.#constants.get(value);
    if (bytes === undefined) {
      bytes = signed(BigInt.asIntN(64, value));
      this.#constants.set(value, bytes);
    }
    this.#code.byte(0x42).all(bytes);
    return this;
  }
  get(local: number): this {
    this.#code.byte(0x20).unsigned(local);
    return this;
  }
  set(local: number): this {
    this.#code.byte(0x21).unsigned(local);
    return this;
  }
  tee(local: number): this {
    this.#code.byte(0x22).unsigned(local);
    return this;
  }
  getGlobal(index: number): this {
    this.#code.byte(0x23).unsigned(index);
    return this;
  }
  setGlobal(index: number): this {
    this.#code.byte(0x24).unsigned(index);
    return this;
  }
  load(kind: ValueKind, offset = 0, memory: MemoryIndex = 0): this {
    return this.#access(kind === "i32" ? 0x28 : 0x29, alignment(kind), offset, memory);
  }
  load8(offset = 0, memory: MemoryIndex = 0): this {
    return this.#access(0x2d, 0, offset, memory);
  }
  store(kind: ValueKind, offset = 0, memory: MemoryIndex = 0): this {
    return this.#access(kind === "i32" ? 0x36 : 0x37, alignment(kind), offset, memory);
  }
  store8(offset = 0, memory: MemoryIndex = 0): this {
    return this.#access(0x3a, 0, offset, memory);
  }
  /** Atomic, sequentially consistent; on most processors a plain load. */
  atomicLoad(kind: ValueKind, offset = 0, memory: MemoryIndex = 0): this {
    return this.#atomic(kind === "i32" ? 0x10 : 0x11, kind, offset, memory);
  }
  atomicAdd(kind: ValueKind, offset = 0): this {
    return this.#atomic(kind === "i32" ? 0x1e : 0x1f, kind, offset, 0);
  }
  atomicOr(kind: ValueKind, offset = 0): this {
    return this.#atomic(kind === "i32" ? 0x33 : 0x34, kind, offset, 0);
  }
  /** address, expected, replacement → what was there. */
  compareExchange(kind: ValueKind, offset = 0, memory: MemoryIndex = 0): this {
    return this.#atomic(kind === "i32" ? 0x48 : 0x49, kind, offset, memory);
  }
  #atomic(instruction: number, kind: ValueKind, offset: number, memory: MemoryIndex): this {
    this.#code.byte(0xfe);
    return this.#access(instruction, alignment(kind), offset, memory);
  }
  #access(instruction: number, align: number, offset: number, memory: MemoryIndex): this {
    this.#code.byte(instruction);
    // The bit says that the number of a memory follows.
    if (memory === 0) this.#code.byte(align);
    else this.#code.byte(align | 0x40).unsigned(memory);
    this.#code.unsigned(offset);
    return this;
  }
  call(target: { readonly index: number }): this {
    this.#code.byte(0x10).unsigned(target.index);
    return this;
  }
  callIndirect(typeIndex: number): this {
    this.#code.byte(0x11).unsigned(typeIndex).byte(0);
    return this;
  }

  /** `body` may leave by branching to the label, which stands at the end. */
  block(body: (end: Label) => void): this {
    return this.#nest(0x02, 0x40, body);
  }
  /** The label stands at the beginning. */
  loop(body: (again: Label) => void): this {
    return this.#nest(0x03, 0x40, body);
  }
  /** Consumes a condition. */
  if(then: (end: Label) => void, otherwise?: () => void, result?: ValueKind): this {
    return this.#nest(0x04, result === undefined ? 0x40 : kinds[result], (label) => {
      then(label);
      if (otherwise === undefined) return;
      this.#code.byte(0x05);
      otherwise();
    });
  }
  branch(to: Label): this {
    this.#code.byte(0x0c).unsigned(this.#depth - to.depth);
    return this;
  }
  branchIf(to: Label): this {
    this.#code.byte(0x0d).unsigned(this.#depth - to.depth);
    return this;
  }
  #nest(instruction: number, result: number, body: (label: Label) => void): this {
    this.#code.byte(instruction).byte(result);
    this.#depth++;
    body({ depth: this.#depth });
    this.#depth--;
    this.#code.byte(0x0b);
    return this;
  }

  encode(): Uint8Array {
    const groups: [number, ValueKind][] = [];
    for (const kind of this.#locals) {
      const last = groups.at(-1);
      if (last !== undefined && last[1] === kind) last[0]++;
      else groups.push([1, kind]);
    }
    const locals = [...unsigned(groups.length), ...groups.flatMap(([count, kind]) => [...unsigned(count), kinds[kind]])];
    const code = this.#code.written;
    const head = [...unsigned(locals.length + code.length + 1), ...locals];
    const bytes = new Uint8Array(head.length + code.length + 1);
    bytes.set(head);
    bytes.set(code, head.length);
    bytes[bytes.length - 1] = 0x0b;
    return bytes;
  }
}

/** Pages of a memory. */
export interface MemoryLimits {
  readonly initial: number;
  readonly maximum: number;
}

/** A module that imports a shared memory, `env.memory`, and if asked for another one with addresses of 64 bits, `env.far`. */
export class ModuleBuilder {
  readonly #types: string[] = [];
  readonly #encodedTypes: number[][] = [];
  readonly #functions: FunctionBuilder[] = [];
  readonly #globals: { readonly kind: ValueKind; readonly initial: bigint }[] = [];
  readonly #exports: { readonly name: string; readonly kind: 0 | 3; readonly index: number }[] = [];
  readonly #table: number[] = [];
  readonly #memory: MemoryLimits;
  readonly #far: MemoryLimits | null;
  constructor(memory: MemoryLimits, far: MemoryLimits | null = null) {
    this.#memory = memory;
    this.#far = far;
  }

  typeIndex(type: FunctionType): number {
    const encoded = [
      0x60,
      ...unsigned(type.params.length),
      ...type.params.map((kind) => kinds[kind]),
      ...unsigned(type.results.length),
      ...type.results.map((kind) => kinds[kind]),
    ];
    const key = encoded.join();
    const known = this.#types.indexOf(key);
    if (known >= 0) return known;
    this.#encodedTypes.push(encoded);
    return this.#types.push(key) - 1;
  }
  function(params: readonly ValueKind[], results: readonly ValueKind[], body?: (f: FunctionBuilder) => void): FunctionBuilder {
    const f = new FunctionBuilder(this.#functions.length, { params, results });
    this.#functions.push(f);
    body?.(f);
    return f;
  }
  /** Appends functions to the table; returns the index of the first. */
  tabulate(functions: readonly FunctionBuilder[]): number {
    const first = this.#table.length;
    this.#table.push(...functions.map(({ index }) => index));
    return first;
  }
  /** A mutable global, exported under the name. */
  global(name: string, kind: ValueKind, initial = 0n): number {
    const index = this.#globals.push({ kind, initial }) - 1;
    this.#exports.push({ name, kind: 3, index });
    return index;
  }
  export(name: string, f: FunctionBuilder): void {
    this.#exports.push({ name, kind: 0, index: f.index });
  }

  encode(): Uint8Array<ArrayBuffer> {
    const name = (text: string): number[] => [...unsigned(Buffer.byteLength(text)), ...Buffer.from(text)];
    const out: ArrayLike<number>[] = [[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]];
    const section = (id: number, items: readonly ArrayLike<number>[]): void => {
      const count = unsigned(items.length);
      out.push([id, ...unsigned(items.reduce((sum, item) => sum + item.length, count.length)), ...count]);
      out.push(...items);
    };
    // The types of all functions must be known before the first section is written.
    const typed = this.#functions.map(({ type }) => unsigned(this.typeIndex(type)));
    section(1, this.#encodedTypes);
    // Flags of the limits: with a maximum, shared, addresses of 64 bits.
    const memory = (text: string, flags: number, { initial, maximum }: MemoryLimits): number[] => [
      ...name("env"),
      ...name(text),
      0x02,
      flags,
      ...unsigned(initial),
      ...unsigned(maximum),
    ];
    section(2, [memory("memory", 0x03, this.#memory), ...(this.#far === null ? [] : [memory("far", 0x07, this.#far)])]);
    section(3, typed);
    section(4, [[0x70, 0x00, ...unsigned(this.#table.length)]]);
    section(
      6,
      this.#globals.map(({ kind, initial }) => [kinds[kind], 0x01, kind === "i32" ? 0x41 : 0x42, ...signed(initial), 0x0b]),
    );
    section(
      7,
      this.#exports.map(({ name: text, kind, index }) => [...name(text), kind, ...unsigned(index)]),
    );
    if (this.#table.length > 0) section(9, [[0x00, 0x41, 0x00, 0x0b, ...unsigned(this.#table.length), ...this.#table.flatMap(unsigned)]]);
    section(
      10,
      this.#functions.map((f) => f.encode()),
    );
    const bytes = new Uint8Array(out.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of out) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }
}
