/** Records of a pool that a path takes and loses are found at the end of a run; those that something leads to are not. */
import { expect, test } from "vitest";
import { Executor, loadPaths } from "../../dist/kernel/common/executor.js";
import type { PathFactory } from "../../dist/kernel/common/path.js";
import { type KernelRecord, layout, link, word } from "../../dist/kernel/common/records.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";

interface Buffer {
  value: number;
  next: (Buffer & KernelRecord) | null;
}
interface Holder {
  first: (Buffer & KernelRecord) | null;
}
const bufferLayout = layout<Buffer>("buffer", { value: word(), next: link<Buffer & KernelRecord>() });
const holderLayout = layout<Holder>("holder", { first: link<Buffer & KernelRecord>() });

/** The futex path, whose WAKE takes two buffers: linked to each other, and kept or lost. */
const hoarding =
  (original: PathFactory, keeps: boolean): PathFactory =>
  (host) => {
    const path = original(host);
    const pool = host.pool(bufferLayout, 8, "buffers");
    const holder = host.record(holderLayout, "holder");
    const wake = path.calls["futex.wake"];
    if (wake === undefined) throw new Error("no futexes");
    return {
      ...path,
      calls: {
        ...path.calls,
        *"futex.wake"(call) {
          const [first, second] = [pool.allocate(), pool.allocate()];
          if (first === null || second === null) throw new Error("no buffers left");
          first.next = second;
          second.next = first;
          if (keeps) holder.first = first;
          return yield* wake(call);
        },
      },
    };
  };

test.each([
  [true, []],
  [false, Array.from({ length: 2 }, () => "a record of the buffers was not given back, and nothing leads to it")],
])("buffers that are kept: %j", async (keeps, expected) => {
  const { protocols } = await loadSpec("specs/shm/mutex1.ts");
  const protocol = protocols.find(({ exportName }) => exportName === "stuck")?.protocol;
  if (protocol === undefined) throw new Error("no protocol");
  const instance = instantiate(protocol);
  const executor = new Executor(
    instance,
    (await loadPaths(instance)).map((path) => hoarding(path, keeps)),
  );
  // One user takes the mutex and gives it back.
  for (let step = 0; step < 3; step++) executor.step(0);
  expect(executor.status(0).kind).toBe("finished");
  expect(executor.leaks()).toEqual(expected);
});
