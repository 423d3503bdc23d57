/** Fiasco.OC in random protocols: threads, two gates, a reply slot, an interrupt and a semaphore. */
import { domainOf, type RandomKernel, type Type, type Writer } from "./kernel.ts";

const types: readonly Type[] = ["int", "boolean", "color", "thread", "pair"];
/** One system for each kind of messages, number of CPUs and granularity, so that a protocol's kernel and objects are of one system. */
const variants = ["", ", atomic: true", ", deferred: true"];
const systems = types
  .map(
    (type) =>
      `const fiasco_${type} = [${[1, 2].map((cpus) => `[${variants.map((variant) => `fiasco.system({ cpus: ${cpus}, message: ${domainOf(type)}${variant} })`).join(", ")}]`).join(", ")}] as const;`,
  )
  .join("\n");

const sending = (writer: Writer): string => writer.oneOf("", 'send: "zero"', 'send: "finite"');
const receiving = (writer: Writer): string => writer.oneOf("", 'receive: "finite"', 'receive: "zero"');
const options = (...parts: readonly string[]): string => {
  const given = parts.filter((each) => each !== "");
  return given.length === 0 ? "" : `, { ${given.join(", ")} }`;
};
const gateOf = (writer: Writer): string => (writer.rarely(4) ? "back" : "front");
const partner = (writer: Writer, operation: "send" | "call", ...parts: readonly string[]): string => {
  const rest = `${writer.expression(writer.message)}${options(...parts)}`;
  return writer.rarely(2) ? `ipc.${operation}(${writer.partner()}, ${rest})` : `${gateOf(writer)}.${operation}(${rest})`;
};
const waiting = (writer: Writer): string => options(receiving(writer), writer.rarely(4) ? "slot: saved" : "").slice(2);

export const fiasco: RandomKernel = {
  name: "fiasco",
  imports: `import * as fiasco from "ipc-check/kernels/fiasco";\n${systems}`,
  cpus: [1, 2],
  context: ["ipc"],
  declare: (writer, cpus) => {
    const system = `fiasco_${writer.message}[${cpus - 1}]![${writer.oneOf(0, 0, 1, 2)}]!`;
    return {
      kernel: `${system}.kernel`,
      objects: {
        front: `${system}.gate()`,
        back: `${system}.gate()`,
        saved: `${system}.slot()`,
        line: `${system}.irq({ level: ${writer.oneOf("false", "true")} })`,
        permits: `${system}.semaphore({ limit: 2, initial: ${writer.below(2)} })`,
      },
    };
  },
  share: { operation: 1, keep: 1 },
  operation: (writer) => {
    const general = [
      `yield* ${partner(writer, "send", sending(writer))}`,
      `yield* ipc.wait(${waiting(writer)})`,
      `yield* ipc.reply(${writer.expression(writer.message)})`,
      `yield* ${gateOf(writer)}.bind(${writer.partner()}, ${1 + writer.below(2)})`,
      "yield* line.trigger()",
      `yield* permits.down(${writer.oneOf("", '{ timeout: "zero" }', '{ timeout: "finite" }', "{ idle: true }")})`,
      `yield* saved.reply(${writer.expression(writer.message)})`,
      `yield* ipc.cancel(${writer.partner()})`,
      `yield* ipc.receive(${writer.partner()}${options(receiving(writer))})`,
    ];
    if (writer.rarely(3))
      general.push(
        `yield* line.bind(${writer.partner()}, 3)`,
        `yield* line.bind(${writer.partner()}, 3)`,
        "yield* line.unmask()",
        "yield* permits.up()",
        `yield* ipc.delete(${writer.partner()})`,
        `yield* ${gateOf(writer)}.delete()`,
        `yield* ${gateOf(writer)}.notifyDeletion(line)`,
        `yield* ipc.fault(${writer.partner()}, ${writer.expression(writer.message)})`,
      );
    return general[writer.below(general.length)] as string;
  },
  keep: (writer, indent, name) => {
    const used = writer.fresh();
    const operation = writer.oneOf(
      `ipc.wait(${waiting(writer)})`,
      partner(writer, "call", sending(writer), receiving(writer)),
      partner(writer, "call"),
      `ipc.replyWait(${writer.expression(writer.message)}${options(sending(writer), receiving(writer))})`,
    );
    const text = `${indent}const ${name} = yield* ${operation};\n${indent}const ${used} = ${writer.rarely(8) ? "" : `${name}.error !== "none" ? ${writer.literal(writer.message)} : `}${name}.message;\n`;
    const answer = operation.startsWith("ipc.wait") && writer.mostly(3) ? `${indent}yield* ipc.reply(${writer.expression(writer.message)});\n` : "";
    writer.declare(used, writer.message);
    return `${text}${answer}`;
  },
};
