/** QNX message passing in random protocols: one or two channels, which everybody sends to and receives from. */
import { domainOf, type RandomKernel, type Writer } from "./kernel.ts";

const channelOf = (writer: Writer): string => writer.objects[writer.below(writer.objects.length)] ?? "front";
const limit = (writer: Writer, states: boolean): string => {
  const timeout = writer.oneOf("", '"finite"', '"finite"', '"zero"');
  if (timeout === "") return "";
  return `{ timeout: ${timeout}${states ? writer.oneOf("", ', states: "send"', ', states: "reply"') : ""} }`;
};
const send = (writer: Writer): string => {
  const options = limit(writer, true);
  return `${channelOf(writer)}.send(${writer.expression(writer.message)}${options === "" ? "" : `, ${options}`})`;
};

export const qnx: RandomKernel = {
  name: "qnx",
  imports: 'import * as qnx from "ipc-check/kernels/qnx";',
  cpus: [1, 2],
  context: ["signals"],
  declare: (writer, cpus) => {
    const channel = (): string => {
      const inheritance = writer.oneOf("", ', inheritance: "none"', ', inheritance: "associated"');
      return `qnx.channel({ message: ${domainOf(writer.message)}, pulse: int(0, 2), capacity: 4, unblock: ${writer.oneOf("false", "true")}${inheritance} })`;
    };
    return { kernel: `qnx.kernel({ cpus: ${cpus} })`, objects: writer.rarely(2) ? { front: channel(), back: channel() } : { front: channel() } };
  },
  share: { operation: 3, keep: 3 },
  operation: (writer) => {
    const channel = channelOf(writer);
    const general = [
      `yield* ${channel}.pulse(${writer.expression("int")})`,
      `yield* ${channel}.receive(${limit(writer, false)})`,
      `yield* ${send(writer)}`,
      `yield* ${channel}.reply(${writer.partner()}, ${writer.expression(writer.message)})`,
      `yield* ${channel}.error(${writer.partner()}, ${writer.oneOf('"EIO"', '"stored"', '"ERESTART"')})`,
    ];
    if (writer.rarely(6)) general.push(`yield* signals.raise(${writer.partner()})`);
    if (writer.rarely(10))
      general.push(`yield* signals.kill(${writer.partner()})`, `yield* ${channel}.destroy()`, `yield* ${channel}.detach(${writer.partner()})`);
    return general[writer.below(general.length)] as string;
  },
  keep: (writer, indent, name) => {
    const fallback = writer.literal(writer.message);
    const channel = channelOf(writer);
    const used = writer.fresh();
    const from = writer.fresh();
    const operation = writer.oneOf(`${channel}.receive()`, send(writer), `${channel}.receive(${limit(writer, false)})`, `${channel}.info(${writer.partner()})`);
    if (operation.includes(".info(")) {
      writer.declare(used, "boolean");
      return `${indent}const { unblockRequested: ${used} } = yield* ${operation};\n`;
    }
    writer.declare(used, writer.message);
    const field = operation.includes(".send(") ? "reply" : "message";
    const text = `${indent}const ${name} = yield* ${operation};\n${indent}const ${used} = ${name}.error === "none" ? ${name}.${field} : ${fallback};\n`;
    if (field === "reply") return text;
    // A server's turn: what it receives it answers.
    if (operation.endsWith(".receive()"))
      return `${text}${indent}if (${name}.error === "none" && ${name}.kind === "message") yield* ${channel}.reply(${name}.rcvid, ${used});\n`;
    writer.declare(from, "thread");
    return `${text}${indent}const ${from} = ${name}.error === "none" ? ${name}.rcvid : self;\n`;
  },
};
