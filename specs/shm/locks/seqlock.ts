/**
 * A sequence lock: the writer makes the count odd, writes, and makes it even; a reader that sees the same even count
 * before and after has read one version. Boehm, "Can seqlocks get along with programming language memory models?" (2012):
 * the second look at the count must not come before the reads, so the reader needs an acquire fence there, and the writer
 * a release fence behind the odd count.
 */
import { check, fence, int, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

interface Fences {
  readonly writer: boolean;
  readonly reader: boolean;
}

const seqlock = (name: string, memoryModel: "tso" | "pso" | "ra", fences: Fences, expect: "holds" | { readonly violated: "assertion" }) =>
  protocol(name, {
    kernel: shm.kernel(),
    memoryModel,
    memory: { count: int(0, 2), left: int(0, 1), right: int(0, 1) },
    threads: {
      writer: {
        *run({ count, left, right }) {
          yield* count.store(1, "relaxed");
          if (fences.writer) yield* fence("release");
          yield* left.store(1, "relaxed");
          yield* right.store(1, "relaxed");
          yield* count.store(2, "release");
        },
      },
      reader: {
        *run({ count, left, right }) {
          const before = yield* count.load("acquire");
          const a = yield* left.load("relaxed");
          const b = yield* right.load("relaxed");
          if (fences.reader) yield* fence("acquire");
          const after = yield* count.load("relaxed");
          if (before === after && before % 2 === 0) check(a === b, "a version is read as a whole");
        },
      },
    },
    expect,
  });

export const fenced = seqlock("sequence lock", "ra", { writer: true, reader: true }, "holds");
export const readerUnfenced = seqlock("sequence lock, reader without its fence", "ra", { writer: true, reader: false }, { violated: "assertion" });
export const writerUnfenced = seqlock("sequence lock, writer without its fence", "ra", { writer: false, reader: true }, { violated: "assertion" });
export const onTso = seqlock("sequence lock on TSO without fences", "tso", { writer: false, reader: false }, "holds");
export const onPso = seqlock("sequence lock on PSO", "pso", { writer: true, reader: false }, "holds");
export const onPsoUnfenced = seqlock("sequence lock on PSO without fences", "pso", { writer: false, reader: false }, { violated: "assertion" });
