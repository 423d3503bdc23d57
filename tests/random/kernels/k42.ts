/** K42 in random protocols: two dispatchers, between which threads are dealt out. */
import { domainOf, type RandomKernel, type Type, type Writer } from "./kernel.ts";

const types: readonly Type[] = ["int", "boolean", "color", "thread", "pair"];
const variants = ["buffer: 1", "buffer: 1, handlers: 1", 'buffer: 2, faultEntry: "enabled"'];
/** One system for each kind of messages, number of CPUs and variant, so that a protocol's kernel and objects are of one system. */
const systems = types
  .map(
    (type) =>
      `const k42_${type} = [${[1, 2].flatMap((cpus) => variants.map((variant) => `k42.system({ cpus: ${cpus}, message: ${domainOf(type)}, ${variant} })`)).join(", ")}] as const;`,
  )
  .join("\n");

/** A thread runs on one dispatcher only. */
const own = (writer: Writer): string => (writer.thread % 2 === 0 ? "main" : "side");
const other = (writer: Writer): string => writer.oneOf(writer.thread % 2 === 0 ? "side" : "main", own(writer));
const say = (writer: Writer): string => writer.expression(writer.message);

export const k42: RandomKernel = {
  name: "k42",
  imports: `import * as k42 from "ipc-check/kernels/k42";\n${systems}`,
  cpus: [1, 2],
  context: ["scheduler"],
  declare: (writer, cpus) => {
    const system = `k42_${writer.message}[${(cpus - 1) * variants.length + writer.below(variants.length)}]!`;
    return { kernel: `${system}.kernel`, objects: { main: `${system}.dispatcher()`, side: `${system}.dispatcher()` } };
  },
  share: { operation: 3, keep: 3 },
  operation: (writer) => {
    const general = [
      `yield* ${own(writer)}.accept(${writer.oneOf("", "{ idle: false }")})`,
      `yield* ${own(writer)}.call(${other(writer)}, ${say(writer)})`,
      `yield* ${own(writer)}.disable()`,
      `yield* ${own(writer)}.enable()`,
      `yield* ${own(writer)}.send(${other(writer)}, ${say(writer)})`,
      `yield* ${own(writer)}.${writer.oneOf("reply", "reply", "replyAccept")}(${writer.partner()}, ${say(writer)}${writer.oneOf("", ", { retry: false }")})`,
      `yield* scheduler.unblock(${writer.partner()})`,
      `yield* scheduler.block(${writer.oneOf("", "{ idle: true }")})`,
    ];
    return general[writer.below(general.length)] as string;
  },
  keep: (writer, indent, name) => {
    const used = writer.fresh();
    if (writer.rarely(2)) {
      const call = `${indent}const ${name} = yield* ${own(writer)}.call(${other(writer)}, ${say(writer)});\n`;
      const text = `${call}${indent}const ${used} = ${writer.rarely(6) ? "" : `${name}.error !== "none" ? ${writer.literal(writer.message)} : `}${name}.reply;\n`;
      writer.declare(used, writer.message);
      return text;
    }
    const critical = writer.rarely(2);
    const text = `${indent}const ${name} = yield* ${own(writer)}.accept();\n${indent}const ${used} = ${name}.message;\n${critical ? `${indent}yield* ${own(writer)}.disable();\n` : ""}`;
    const answer = writer.rarely(3) ? "" : `${indent}if (${name}.kind === "call") yield* ${own(writer)}.reply(${name}.caller, ${used});\n`;
    const end = critical && writer.rarely(2) ? `${indent}yield* ${own(writer)}.enable();\n` : "";
    writer.declare(used, writer.message);
    return text + answer + end;
  },
};
