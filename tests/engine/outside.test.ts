/** An index that is known while code is generated, and outside of its array: the check before it fails, the code behind it never runs. */
import { afterAll, expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import { naive } from "../../dist/checker/naive/index.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { project } from "../loader/project.ts";

const here = project();
afterAll(() => here.remove());

test.each(["yield* cells.at(index).store(1)", "yield* cells.at(index).fetchAdd(1)", "check((yield* cells.at(index).load()) < 2)"])(
  "a replica too many: %s",
  async (statement) => {
    const file = here.write(
      `p${statement.length}.ts`,
      `import { array, check, int, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";
export default protocol("p", {
  kernel: shm.kernel(),
  memory: { turn: int(0, 1), cells: array(2, int(0, 2)) },
  threads: {
    user: { count: 3, *run({ turn, cells, index }) { if ((yield* turn.load()) === 0) yield* turn.store(1); ${statement}; } },
    other: { *run({ cells }) { yield* cells.at(1).exchange(1); } },
  },
});
`,
    );
    const { protocols } = await loadSpec(file);
    const instance = instantiate((protocols[0] as (typeof protocols)[number]).protocol);
    const slow = naive(instance);
    for (const symmetry of [false, true]) {
      const { verdict, findings } = await search(compile(instance), { symmetry });
      expect([verdict, findings[0]?.kind, findings[0]?.path.length]).toEqual([slow.verdict, "out-of-range", slow.findings[0]?.path.length]);
    }
  },
);
