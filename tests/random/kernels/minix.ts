/** MINIX IPC in random protocols, on the kernel as it is or with one of its repairs. */
import { domainOf, type RandomKernel, type Writer } from "./kernel.ts";

const message = (writer: Writer): string => writer.expression(writer.message);

export const minix: RandomKernel = {
  name: "minix",
  imports: 'import * as minix from "ipc-check/kernels/minix";',
  cpus: [1, 2],
  context: ["ipc", "sys"],
  declare: (writer, cpus) => {
    const variant = writer.oneOf("", "", ", earlyCheck: true", ", clearReplyPend: true", ", scanPastFilter: true");
    return { kernel: `minix.kernel({ cpus: ${cpus}, message: ${domainOf(writer.message)}${variant} })`, objects: {} };
  },
  share: { operation: 3, keep: 3 },
  operation: (writer) => {
    const to = writer.partner();
    const general = [
      "yield* ipc.receive()",
      `yield* ipc.sendnb(${to}, ${message(writer)})`,
      `yield* ipc.send(${to}, ${message(writer)})`,
      `yield* ipc.notify(${to})`,
      `yield* ipc.senda(${to}, ${message(writer)}${writer.oneOf("", ", { noReply: true }")})`,
      `yield* ipc.sendrec(${to}, ${message(writer)})`,
    ];
    if (writer.rarely(6)) general.push(`yield* sys.filter(${to})`, `yield* sys.memory(${to})`, `yield* sys.vmctl(${to})`);
    if (writer.rarely(6)) general.push(`yield* sys.quantum(${to}, ${message(writer)})`, `yield* sys.schedule(${to})`);
    if (writer.rarely(10)) general.push(`yield* ipc.exit(${to})`);
    return general[writer.below(general.length)] as string;
  },
  keep: (writer, indent, name) => {
    const fallback = writer.literal(writer.message);
    const operation = writer.oneOf(
      "ipc.receive()",
      `ipc.sendrec(${writer.partner()}, ${message(writer)})`,
      `ipc.receiveFrom(${writer.partner()})`,
      "ipc.receive({ idle: false })",
    );
    const used = writer.fresh();
    const from = writer.fresh();
    writer.declare(used, writer.message);
    const text = `${indent}const ${name} = yield* ${operation};\n${indent}const ${used} = ${name}.error === "none" ? ${name}.message : ${fallback};\n`;
    if (operation.includes("sendrec")) return text;
    // A server's turn: whoever waits for an answer gets one.
    if (writer.rarely(2)) return `${text}${indent}if (${name}.error === "none" && ${name}.call === "SENDREC") yield* ipc.sendnb(${name}.from, ${used});\n`;
    writer.declare(from, "thread");
    return `${text}${indent}const ${from} = ${name}.error === "none" ? ${name}.from : self;\n`;
  },
};
