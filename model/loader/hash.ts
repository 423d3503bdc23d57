/** Hashes of contents, by which everything in the cache is named. */
import { createHash } from "node:crypto";

export function sha256(...texts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(text).update("\0");
  return hash.digest("hex");
}
