/** The part of the WebAssembly JavaScript interface that the engine uses; TypeScript declares it only for browsers. */
export interface WasmGlobal<T> {
  value: T;
}
export interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number | bigint): number | bigint;
}
/** What a module imports: `far` where addresses of what grows have 64 bits. */
export interface Memories {
  readonly memory: WasmMemory;
  readonly far?: WasmMemory;
}
interface WasmInstance {
  readonly exports: unknown;
}
export interface WasmModule {
  readonly compiled: true;
}
/** Pages; with addresses of 64 bits these are such integers too. */
type Limits =
  | { readonly initial: number; readonly maximum: number; readonly shared: true }
  | { readonly initial: bigint; readonly maximum: bigint; readonly shared: true; readonly address: "i64" };
interface Api {
  readonly Memory: new (limits: Limits) => WasmMemory;
  compile(bytes: Uint8Array): Promise<WasmModule>;
  validate(bytes: Uint8Array): boolean;
  readonly Instance: new (module: WasmModule, imports: { readonly env: Memories }) => WasmInstance;
}
export const wasm: Api = (globalThis as unknown as { readonly WebAssembly: Api }).WebAssembly;
