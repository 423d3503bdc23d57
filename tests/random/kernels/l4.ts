/** L4 IPC in random protocols, sometimes with a notification object; and X.2 with strings, spaces and ids. */
import { domainOf, type RandomKernel, type Writer } from "./kernel.ts";

export const l4: RandomKernel = {
  name: "l4",
  imports: 'import * as l4 from "ipc-check/kernels/l4";',
  cpus: [1, 2],
  context: ["ipc"],
  declare: (writer, cpus) => ({
    kernel: `l4.kernel({ cpus: ${cpus}, message: ${domainOf(writer.message)}${writer.rarely(3) ? ", atomic: true" : ""} })`,
    objects: writer.rarely(3) ? { bell: "l4.notification({ bits: 2 })" } : {},
  }),
  share: { operation: 2, keep: 2 },
  operation: (writer) => {
    const to = writer.partner();
    const send = writer.oneOf("", ', { send: "zero" }', ', { send: "finite" }', ', { send: "finite" }');
    const general = [
      `yield* ipc.send(${to}, ${writer.expression(writer.message)}${send})`,
      `yield* ipc.wait(${writer.oneOf("", '{ receive: "finite" }', '{ receive: "finite" }')})`,
      `yield* ipc.send(${to}, ${writer.expression(writer.message)}, { send: "zero" })`,
    ];
    if (writer.objects.length > 0)
      general.push(
        "yield* bell.signal(1)",
        `yield* bell.signal(${writer.oneOf("0", "2", "3")})`,
        `yield* bell.wait(${writer.oneOf("", "{ idle: true }")})`,
        "yield* bell.poll()",
      );
    if (writer.rarely(8))
      general.push(`yield* ipc.cancel(${to})`, `yield* ipc.delete(${to})`, `yield* ipc.exchange(${to}, { ${writer.oneOf("S: true", "R: true")} })`);
    return general[writer.below(general.length)] as string;
  },
  keep: (writer, indent, name) => {
    const timeout = writer.oneOf("", 'receive: "zero"', 'receive: "finite"', 'receive: "finite"');
    const idle = writer.oneOf("", "idle: true");
    const given = [timeout, idle].filter((each) => each !== "").join(", ");
    const options = given === "" ? "" : `{ ${given} }`;
    const more = options === "" ? "" : `, ${options}`;
    const to = writer.partner();
    const message = writer.expression(writer.message);
    const operation = writer.oneOf(
      `ipc.wait(${options})`,
      `ipc.call(${to}, ${message}${timeout === "" ? "" : `, { ${timeout} }`})`,
      `ipc.receive(${to}${more})`,
      `ipc.replyWait(${to}, ${message}, { send: ${writer.oneOf('"zero"', '"infinite"', '"finite"')}${given === "" ? "" : `, ${given}`} })`,
    );
    const used = writer.fresh();
    const from = writer.fresh();
    if (writer.rarely(4)) {
      writer.declare(used, "boolean");
      return `${indent}const { error: ${name}, phase: ${from} } = yield* ${operation};\n${indent}const ${used} = ${name} === "none" || ${from} === "send";\n`;
    }
    const fallback = writer.literal(writer.message);
    writer.declare(used, writer.message);
    writer.declare(from, "thread");
    if (writer.mostly(8))
      return `${indent}const ${name} = yield* ${operation};\n${indent}const ${used} = ${name}.error === "none" ? ${name}.message : ${fallback};\n${indent}const ${from} = ${name}.error === "none" ? ${name}.from : self;\n`;
    return `${indent}const ${name} = yield* ${operation};\n${indent}const ${used} = ${name}.message;\n${indent}const ${from} = ${name}.from;\n`;
  },
};

const transferOf = (writer: Writer): string => writer.oneOf("", "", ', transfer: "finite"', ', transfer: "zero"');
/** What a send phase may come with: a string, another version, another name. */
const sendingOf = (writer: Writer): string => {
  const send = writer.oneOf('send: "finite"', 'send: "zero"', "", 'send: "finite"');
  const string = writer.oneOf('string: "absent"', 'string: "mapped"', "", 'string: "absent"');
  const more = writer.rarely(3) ? writer.oneOf(`as: ${writer.partner()}`, "version: 1", `as: ${writer.partner()}`) : "";
  return [send, string, more].filter((each) => each !== "").join(", ");
};
const receivingOf = (writer: Writer): string => {
  const receive = writer.oneOf('receive: "finite"', "", 'receive: "finite"', 'receive: "zero"');
  const buffer = writer.oneOf('buffer: "absent"', 'buffer: "mapped"', 'buffer: "absent"', "");
  return [receive, buffer].filter((each) => each !== "").join(", ");
};
const options = (writer: Writer, ...parts: readonly string[]): string =>
  `{ ${[...parts, `pager: ${writer.partner()}`].filter((each) => each !== "").join(", ")}${transferOf(writer)} }`;

export const l4x2: RandomKernel = {
  name: "l4 X.2",
  isRare: true,
  imports: "",
  cpus: [2, 1],
  context: ["ipc"],
  declare: (writer, cpus) => {
    // One part at a time, which its object tells the rest of this file: all together take long to compile.
    const part = writer.oneOf("paging", "space", "ids", "race", "paging", "direct");
    const given = {
      paging: writer.oneOf('strings: "x2"', 'strings: "v2"'),
      space: `spaces: true, halting: ${writer.oneOf('"deferred"', '"unimplemented"')}`,
      ids: "versions: 2",
      race: "timerRace: true",
      direct: "directSwitch: true",
    }[part];
    const atomic = writer.rarely(5) ? ", atomic: true" : "";
    return {
      kernel: `l4.kernel({ cpus: ${part === "race" ? 2 : cpus}, message: ${domainOf(writer.message)}, ${given}${atomic} })`,
      objects: { [part]: "l4.notification({ bits: 1 })" },
    };
  },
  share: { operation: 1, keep: 1 },
  operation: (writer) => {
    const to = writer.partner();
    const message = writer.expression(writer.message);
    const general = [
      `yield* ipc.send(${to}, ${message}, ${options(writer, sendingOf(writer))})`,
      `yield* ipc.call(${to}, ${message}, ${options(writer, sendingOf(writer), receivingOf(writer))})`,
      `yield* ipc.wait(${options(writer, receivingOf(writer))})`,
      `yield* ipc.send(${to}, ${message}, { send: "zero" })`,
      `yield* ipc.interrupt(${to})`,
      `yield* ipc.receive(${to}, ${options(writer, receivingOf(writer))})`,
      writer.objects.includes("space") ? `yield* ipc.waitLocal({ ${receivingOf(writer)} })` : `yield* ipc.wait(${options(writer, receivingOf(writer))})`,
      `yield* ${writer.objects[0]}.${writer.oneOf("signal(1)", "poll()", "signal(1)", "signal(0)")}`,
    ];
    const administration = [
      `yield* ipc.cancel(${to})`,
      `yield* ipc.exchange(${to}, { S: true, R: true, H: "${writer.oneOf("keep", "resume")}" })`,
      `yield* ipc.exchange(${to}, { ${writer.oneOf("S: true", "R: true")} })`,
      ...(writer.objects.includes("space") ? [`yield* ipc.move(${to}, ${writer.partner()})`, `yield* ipc.exchange(${to}, { H: "halt" })`] : []),
      ...(writer.objects.includes("ids")
        ? [`yield* ipc.create(${to}, { as: ${writer.partner()}, version: ${writer.below(2)} })`, `yield* ipc.delete(${to})`]
        : []),
      `yield* ipc.cancel(${to})`,
      `yield* ipc.delete(${to})`,
    ];
    if (writer.rarely(4)) return administration[writer.below(administration.length)] as string;
    return general[writer.below(general.length)] as string;
  },
  keep: (writer, indent, name) => {
    const to = writer.partner();
    const message = writer.expression(writer.message);
    const operation = writer.oneOf(
      `ipc.wait(${options(writer, receivingOf(writer))})`,
      `ipc.replyWait(${to}, ${message}, ${options(writer, sendingOf(writer), receivingOf(writer))})`,
      `ipc.call(${to}, ${message}, ${options(writer, sendingOf(writer), receivingOf(writer))})`,
    );
    const used = writer.fresh();
    const from = writer.fresh();
    writer.declare(used, writer.message);
    writer.declare(from, "thread");
    // As a pager does, or a server.
    const answer = writer.mostly(3) ? `${indent}yield* ipc.send(${from}, ${writer.literal(writer.message)}, { send: "zero" });\n` : "";
    return `${indent}const ${name} = yield* ${operation};\n${indent}const ${used} = ${name}.error === "none" ? ${name}.message : ${writer.literal(writer.message)};\n${indent}const ${from} = ${name}.error === "none" ? ${name}.from : self;\n${answer}`;
  },
};
