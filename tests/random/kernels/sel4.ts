/** seL4 in random protocols, without MCS and with it: two endpoints, a notification, and what replies need. */
import { domainOf, type RandomKernel, type Type, type Writer } from "./kernel.ts";

const types: readonly Type[] = ["int", "boolean", "color", "thread", "pair"];
/** One system for each kind of messages, number of CPUs and set of options, so that a protocol's kernel and objects are of one system. */
const systems = (variant: "system" | "mcs", ...options: readonly string[]): string =>
  types
    .map((type) => {
      const each = [1, 2].flatMap((cpus) => options.map((more) => `sel4.${variant}({ cpus: ${cpus}, message: ${domainOf(type)}${more} })`));
      return `const ${variant}_${type} = [${each.join(", ")}] as const;`;
    })
    .join("\n");

const endpointOf = (writer: Writer): string => (writer.rarely(5) ? "back" : "front");
const senderOf = (writer: Writer): string => {
  const rights = writer.oneOf("", "", "", ', "grant"', ', "write"', ', "read"');
  return `${endpointOf(writer)}${writer.rarely(2) ? `.badged(${writer.below(4)}${rights})` : ""}`;
};
const sends = (writer: Writer): readonly string[] => [
  `yield* ${senderOf(writer)}.send(${writer.expression(writer.message)})`,
  `yield* ${senderOf(writer)}.nbSend(${writer.expression(writer.message)})`,
  `yield* ${senderOf(writer)}.call(${writer.expression(writer.message)})`,
  `yield* bell.signal(${1 + writer.below(3)})`,
];
const administration = (writer: Writer): readonly string[] => [
  `yield* tcb.suspend(${writer.partner()})`,
  `yield* tcb.resume(${writer.partner()})`,
  `yield* ${endpointOf(writer)}.delete()`,
  `yield* ${endpointOf(writer)}.revoke(${writer.below(4)})`,
  `yield* ${endpointOf(writer)}.cancelBadgedSends(${writer.below(4)})`,
  `yield* bell.bind(${writer.partner()})`,
  `yield* bell.bind(${writer.partner()})`,
  "yield* bell.unbind()",
];

/** Receives or calls, and keeps what came: an error is looked at in one case of several. */
function keepFrom(writer: Writer, indent: string, name: string, receives: readonly string[], reply: string): string {
  const used = writer.fresh();
  if (writer.rarely(2)) {
    const call = `${indent}const ${name} = yield* ${senderOf(writer)}.call(${writer.expression(writer.message)});\n`;
    const text = `${call}${indent}const ${used} = ${writer.rarely(6) ? "" : `${name}.error !== "none" ? ${writer.literal(writer.message)} : `}${name}.message;\n`;
    writer.declare(used, writer.message);
    return text;
  }
  const badge = writer.fresh();
  const text = `${indent}const ${name} = yield* ${receives[writer.below(receives.length)]};\n`;
  const answer = writer.rarely(2) ? `${indent}yield* ${reply}(${writer.expression(writer.message)});\n` : "";
  writer.declare(used, writer.message);
  writer.declare(badge, "boolean");
  return `${text}${answer}${indent}const ${used} = ${name}.message;\n${indent}const ${badge} = ${name}.badge === ${writer.below(3)};\n`;
}

export const sel4: RandomKernel = {
  name: "sel4",
  imports: `import * as sel4 from "ipc-check/kernels/sel4";\n${systems("system", "")}`,
  cpus: [1, 2],
  context: ["ipc", "tcb"],
  declare: (writer, cpus) => {
    const system = `system_${writer.message}[${cpus - 1}]!`;
    return {
      kernel: `${system}.kernel`,
      objects: { front: `${system}.endpoint()`, back: `${system}.endpoint()`, bell: `${system}.notification()`, slot: `${system}.slot()` },
    };
  },
  share: { operation: 1, keep: 1 },
  operation: (writer) => {
    const general = [
      ...sends(writer),
      `yield* ${endpointOf(writer)}.recv()`,
      `yield* ipc.reply(${writer.expression(writer.message)})`,
      `yield* bell.${writer.oneOf("wait()", "poll()", "wait({ idle: true })")}`,
      "yield* slot.save()",
      `yield* slot.reply(${writer.expression(writer.message)})`,
    ];
    if (writer.rarely(3)) general.push(...administration(writer), "yield* slot.delete()");
    return general[writer.below(general.length)] as string;
  },
  keep: (writer, indent, name) =>
    keepFrom(
      writer,
      indent,
      name,
      [
        `${endpointOf(writer)}.recv()`,
        `${endpointOf(writer)}.recv({ idle: false })`,
        `${endpointOf(writer)}.nbRecv()`,
        `${endpointOf(writer)}.replyRecv(${writer.expression(writer.message)})`,
      ],
      "ipc.reply",
    ),
};

export const sel4Mcs: RandomKernel = {
  name: "sel4 with MCS",
  imports: `import * as sel4mcs from "ipc-check/kernels/sel4";\n${systems("mcs", "", ", missingInterrupt: true").replaceAll("sel4.", "sel4mcs.")}`,
  cpus: [1, 2],
  context: ["tcb", "context"],
  declare: (writer, cpus) => {
    const system = `mcs_${writer.message}[${2 * (cpus - 1) + (writer.rarely(3) ? 1 : 0)}]!`;
    return {
      kernel: `${system}.kernel`,
      objects: {
        front: `${system}.endpoint()`,
        back: `${system}.endpoint()`,
        bell: `${system}.notification()`,
        ...(writer.rarely(3) ? { chime: `${system}.notification()` } : {}),
        left: `${system}.reply()`,
        right: `${system}.reply()`,
      },
    };
  },
  share: { operation: 1, keep: 1 },
  operation: (writer) => {
    const reply = writer.oneOf("left", "right");
    const general = [
      ...sends(writer),
      `yield* ${endpointOf(writer)}.recv(${reply})`,
      `yield* ${reply}.send(${writer.expression(writer.message)})`,
      `yield* bell.${writer.oneOf("wait()", "poll()", `signalWait(bell, ${writer.below(4)})`)}`,
      `yield* context.unbind(${writer.partner()})`,
      `yield* context.bind(${writer.partner()})`,
    ];
    if (writer.rarely(3)) general.push(...administration(writer), `yield* ${reply}.delete()`, `yield* context.bindNotification(bell, ${writer.partner()})`);
    return general[writer.below(general.length)] as string;
  },
  keep: (writer, indent, name) => {
    const reply = writer.oneOf("left", "right");
    return keepFrom(
      writer,
      indent,
      name,
      [
        `${endpointOf(writer)}.recv(${reply})`,
        `${endpointOf(writer)}.nbRecv(${reply})`,
        `${endpointOf(writer)}.wait({ idle: false })`,
        `${endpointOf(writer)}.replyRecv(${reply}, ${writer.expression(writer.message)})`,
        `${endpointOf(writer)}.signalRecv(bell, ${writer.below(4)}, ${reply})`,
        `front.nbSendRecv(back, ${writer.expression(writer.message)}, ${reply})`,
      ],
      `${reply}.send`,
    );
  },
};
