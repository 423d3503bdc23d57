/** L4 IPC in random protocols, sometimes with a notification object. */
import { domainOf, type RandomKernel } from "./kernel.ts";

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
    if (writer.rarely(8)) general.push(`yield* ipc.cancel(${to})`, `yield* ipc.delete(${to})`);
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
