/** Nemesis in random protocols: two domains, which any thread runs, and channels both ways and to oneself. */
import type { RandomKernel, Writer } from "./kernel.ts";

const variants = ["", "ring: 1", "ring: 2, preempts: false", 'send: "split"'];
/** One system for each variant, so that a protocol's kernel and objects are of one system. */
const systems = `const nemesis_systems = [1, 2].flatMap((cpus) => [${variants.map((variant) => `nemesis.system({ cpus, counts: 3, slots: 3${variant === "" ? "" : `, ${variant}`} })`).join(", ")}]);`;

const domainOf = (writer: Writer): string => (writer.rarely(3) ? "there" : "here");
const channelOf = (writer: Writer): string => writer.oneOf("ping", "pong", "loop");
const countOf = (writer: Writer): string => String(1 + writer.below(3));

export const nemesis: RandomKernel = {
  name: "nemesis",
  imports: `import * as nemesis from "ipc-check/kernels/nemesis";\n${systems}`,
  cpus: [1, 2],
  context: [],
  declare: (writer, cpus) => {
    const system = `nemesis_systems[${(cpus - 1) * variants.length + writer.below(variants.length)}]!`;
    return {
      kernel: `${system}.kernel`,
      objects: {
        here: `${system}.domain()`,
        there: `${system}.domain()`,
        ping: `${system}.channel({ from: "here", to: "there" })`,
        pong: `${system}.channel({ from: "there", to: "here" })`,
        loop: `${system}.channel({ from: "here", to: "here" })`,
      },
    };
  },
  share: { operation: 2, keep: 2 },
  operation: (writer) => {
    const channel = channelOf(writer);
    const general = [
      `yield* ${channel}.send(${countOf(writer)})`,
      `yield* ${domainOf(writer)}.block(${writer.oneOf("", "{ idle: true }", `{ awaited: ${channel} }`, "{ deadline: true }")})`,
      `yield* ${channel}.acknowledge(${countOf(writer)})`,
      `yield* nemesis.awaitCount(${writer.oneOf("there, ping", "here, pong", "here, loop")}, ${writer.below(3)}${writer.oneOf("", ', { deadline: "past" }', ', { deadline: "some" }')})`,
    ];
    if (writer.rarely(2)) general.push(`yield* ${domainOf(writer)}.nextEvent()`, `yield* ${domainOf(writer)}.yield()`);
    if (writer.rarely(8)) general.push(`yield* ${channel}.close()`);
    return general[writer.below(general.length)] as string;
  },
  keep: (writer, indent, name) => {
    const used = writer.fresh();
    const channel = channelOf(writer);
    switch (writer.below(3)) {
      case 0: {
        writer.declare(used, "boolean");
        return `${indent}const ${name} = yield* ${channel}.read();\n${indent}const ${used} = ${name}.state === "connected" && ${name}.value !== ${name}.acknowledged;\n`;
      }
      case 1: {
        writer.declare(used, "boolean");
        return `${indent}const ${name} = yield* ${domainOf(writer)}.nextEvent();\n${indent}const ${used} = ${writer.rarely(6) ? "" : `${name}.error === "none" && `}${name}.channel === ${channel}.id;\n`;
      }
      default: {
        writer.declare(used, "boolean");
        return `${indent}const ${name} = yield* ${channel}.send(${countOf(writer)});\n${indent}const ${used} = ${name}.error === "none";\n`;
      }
    }
  },
};
