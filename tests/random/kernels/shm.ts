/** Futexes in random protocols, without and with FUTEX_REQUEUE. */
import type { RandomKernel, Writer } from "./kernel.ts";

const wait = (writer: Writer): string => `yield* futex.wait(${writer.intCell()}, ${writer.below(3)}, { idle: ${writer.oneOf("true", "false")} })`;
const wake = (writer: Writer): string => `yield* futex.wake(${writer.intCell()}, ${1 + writer.below(2)})`;
const exit = (writer: Writer): string =>
  `yield* futex.exit(${1 + writer.below(2)}, ${writer.intCell()}, { list: ${writer.intCell()}, pending: ${writer.intCell()} })`;
const requeue = (writer: Writer): string =>
  `yield* futex.requeue(${writer.intCell()}, ${writer.intCell()}, { wake: ${writer.below(2)}, move: ${writer.below(3)}${writer.oneOf("", ", expected: 0", ", expected: 1")} })`;

export const shm: RandomKernel = {
  name: "shm",
  imports: 'import * as shm from "ipc-check/kernels/shm";',
  cpus: [1, 2],
  context: ["futex"],
  declare: (_, cpus) => ({ kernel: `shm.kernel({ cpus: ${cpus} })`, objects: {} }),
  share: { operation: 6, keep: 5 },
  operation: (writer) => (writer.rarely(8) ? exit(writer) : writer.oneOf(wake, wait)(writer)),
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

export const shmRequeue: RandomKernel = {
  ...shm,
  name: "shm with requeue",
  imports: "",
  declare: (writer, cpus) => ({ kernel: `shm.kernel({ cpus: ${cpus}, requeue: ${writer.oneOf('"counted-early"', '"counted-late"')} })`, objects: {} }),
  operation: (writer) => (writer.rarely(12) ? exit(writer) : writer.oneOf(requeue, wait, wake)(writer)),
  keep: (writer, indent, name) => {
    if (writer.rarely(2)) return shm.keep(writer, indent, name);
    const text = `${indent}const ${name} = (${requeue(writer)}).moved > 0;\n`;
    writer.declare(name, "boolean");
    return text;
  },
};
