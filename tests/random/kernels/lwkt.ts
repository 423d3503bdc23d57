/** LWKT in random protocols: a message for each thread or for all, a spin port, targets near and far. */
import { domainOf, type RandomKernel, type Type, type Writer } from "./kernel.ts";

const types: readonly Type[] = ["int", "boolean", "color", "thread", "pair"];
const variants = {
  now: ", ipiq: 1",
  netisr: ', netisr: true, abort: "reads"',
  old: ', reply: "flags"',
};
const systemName = (type: Type, variant: string, cpus: number): string => `lwkt_${type}_${variant}_${cpus}`;
const systems = types.flatMap((type) =>
  Object.entries(variants).flatMap(([variant, options]) =>
    [1, 2].map((cpus) => `const ${systemName(type, variant, cpus)} = lwkt.system({ cpus: ${cpus}, value: ${domainOf(type)}, slots: 4${options} });`),
  ),
);
const message = (writer: Writer): string => writer.oneOf("one.number", "two.number");
const options = (writer: Writer): string =>
  [writer.rarely(3) ? "priority: true" : "", writer.rarely(2) ? "abortable: true" : "", writer.rarely(5) ? "replyPort: spin.number" : ""]
    .filter((each) => each !== "")
    .join(", ");

export const lwkt: RandomKernel = {
  name: "lwkt",
  imports: ['import * as lwkt from "ipc-check/kernels/lwkt";', ...systems].join("\n"),
  cpus: [1, 2],
  context: ["lwkt"],
  declare: (writer, cpus) => {
    const system = systemName(writer.message, writer.oneOf("now", "old", "netisr"), cpus);
    return {
      kernel: `${system}.kernel`,
      objects: { one: `${system}.message()`, two: `${system}.message()`, spin: `${system}.spinPort(${writer.rarely(4) ? '{ agent: "now" }' : ""})` },
    };
  },
  share: { operation: 1, keep: 2 },
  operation: (writer) => {
    const body = writer.expression(writer.message);
    const to = writer.partner();
    const more = options(writer);
    const common = [
      `yield* lwkt.sendmsg(${to}, ${message(writer)}, ${body}, { ${more} })`,
      `yield* lwkt.domsg(${to}, ${message(writer)}, ${body}, { ${[more, writer.rarely(3) ? "catch: true" : ""].filter((each) => each !== "").join(", ")} })`,
      "yield* lwkt.waitport()",
      `yield* lwkt.waitmsg(${message(writer)}, { catch: ${writer.oneOf("false", "true")} })`,
      `yield* lwkt.abortmsg(${message(writer)})`,
      `yield* lwkt.sendmsgTo(spin.number, ${message(writer)}, ${body}, { ${more} })`,
      "yield* lwkt.waitportOf(spin.number)",
      `yield* lwkt.dropmsg(${message(writer)})`,
    ];
    return common[writer.below(common.length)] as string;
  },
  keep: (writer, indent, name) => {
    const body = writer.expression(writer.message);
    const used = writer.fresh();
    const operation = writer.oneOf("waitport({ idle: false })", "getport()", "waitportOf(spin.number)", "getportOf(spin.number)");
    writer.declare(used, writer.message);
    const answer = writer.oneOf(
      `lwkt.replymsg(${name}.message, ${body})`,
      `lwkt.replymsg(${name}.message, ${body})`,
      `lwkt.forwardmsg(${name}.message, ${writer.partner()})`,
      `lwkt.forwardmsgTo(${name}.message, spin.number)`,
    );
    return `${indent}const ${name} = yield* lwkt.${operation};\n${indent}const ${used} = ${name}.error === "none" ? ${name}.value : ${writer.literal(writer.message)};\n${indent}if (${name}.error === "none" && ${name}.what === "request") yield* ${answer};\n`;
  },
};
