/** The part of the WebAssembly JavaScript interface that the engine uses; TypeScript declares it only for browsers. */
export interface WasmGlobal<T> {
  value: T;
}
export interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}
interface WasmInstance {
  readonly exports: unknown;
}
export interface WasmModule {
  readonly compiled: true;
}
interface Api {
  readonly Memory: new (limits: { readonly initial: number; readonly maximum: number; readonly shared: true }) => WasmMemory;
  compile(bytes: Uint8Array): Promise<WasmModule>;
  readonly Instance: new (module: WasmModule, imports: { readonly env: { readonly memory: WasmMemory } }) => WasmInstance;
}
export const wasm: Api = (globalThis as unknown as { readonly WebAssembly: Api }).WebAssembly;
