/** Futexes in random protocols. */
import type { RandomKernel } from "./kernel.ts";

export const shm: RandomKernel = {
  name: "shm",
  imports: 'import * as shm from "ipc-check/kernels/shm";',
  cpus: [1, 2],
  context: ["futex"],
  declare: (_, cpus) => ({ kernel: `shm.kernel({ cpus: ${cpus} })`, objects: {} }),
  share: { operation: 6, keep: 5 },
  operation: (writer) =>
    writer.oneOf(
      `yield* futex.wake(${writer.intCell()}, ${1 + writer.below(2)})`,
      `yield* futex.wait(${writer.intCell()}, ${writer.below(3)}, { idle: ${writer.oneOf("true", "false")} })`,
    ),
  keep: (writer, indent, name) => {
    const word = writer.intCell();
    const text = writer.oneOf(
      `(yield* futex.wait(${word}, ${writer.below(3)}${writer.oneOf("", ', { timeout: "finite" }', ", { idle: true }")})).outcome === "woken"`,
      `(yield* futex.wake(${word}, ${1 + writer.below(2)})).woken > 0`,
    );
    writer.declare(name, "boolean");
    return `${indent}const ${name} = ${text};\n`;
  },
};
