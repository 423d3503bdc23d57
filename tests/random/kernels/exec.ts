/** Exec in random protocols: two ports that any task makes its own, a message, two requests, a device, an interrupt. */
import { domainOf, type RandomKernel, type Type, type Writer } from "./kernel.ts";

const types: readonly Type[] = ["int", "boolean", "color", "thread", "pair"];
const waits = ["disabled", "exposed", "retested"];
/** One system for each kind of messages and way to wait, so that a protocol's kernel and objects are of one system. */
const systems = types
  .map(
    (type) => `const exec_${type} = (${JSON.stringify(waits)} as const).map((wait) => exec.system({ value: ${domainOf(type)}, signals: 2, slots: 5, wait }));`,
  )
  .join("\n");

const portOf = (writer: Writer): string => (writer.rarely(3) ? "soft" : "main");
const requestOf = (writer: Writer): string => (writer.rarely(3) ? "other" : "request");
const mask = (writer: Writer): string => String(1 + writer.below(3));

export const exec: RandomKernel = {
  name: "exec",
  imports: `import * as exec from "ipc-check/kernels/exec";\n${systems}`,
  cpus: [1],
  context: ["exec"],
  declare: (writer) => {
    const system = `exec_${writer.message}[${writer.below(waits.length)}]!`;
    const quick = writer.oneOf("never", "when-idle", "always");
    return {
      kernel: `${system}.kernel`,
      objects: {
        main: `${system}.port()`,
        soft: `${system}.port(${writer.oneOf('{ action: "softint", interrupt: "beam" }', '{ action: "ignore" }')})`,
        letter: `${system}.message(${writer.rarely(3) ? "" : '{ replyPort: "main" }'})`,
        request: `${system}.request({ replyPort: "main" })`,
        other: `${system}.request({ replyPort: "main" })`,
        disk: `${system}.device({ unit: "${writer.oneOf("main", "soft")}", quick: "${quick}"${writer.rarely(4) ? ", aborts: false" : ""} })`,
        beam: `${system}.interrupt({ raises: ${writer.below(2)} })`,
      },
    };
  },
  share: { operation: 1, keep: 2 },
  operation: (writer) => {
    const body = writer.expression(writer.message);
    const general = [
      `yield* exec.signal(${writer.partner()}, ${mask(writer)})`,
      `yield* exec.wait(${mask(writer)}${writer.oneOf("", ", { idle: true }")})`,
      `yield* exec.signal(${writer.partner()}, 3)`,
      `yield* ${portOf(writer)}.putMsg(letter, ${body})`,
      "yield* main.create(0)",
      `yield* ${portOf(writer)}.waitPort(${writer.oneOf("", "{ idle: false }")})`,
      `yield* disk.sendIO(${requestOf(writer)}, ${body})`,
      `yield* exec.waitIO(${requestOf(writer)})`,
    ];
    if (writer.rarely(3)) general.push(`yield* disk.doIO(${requestOf(writer)}, ${body})`, `yield* exec.abortIO(${requestOf(writer)})`);
    if (writer.rarely(4)) general.push(`yield* disk.beginIO(${requestOf(writer)}, ${body})`, "yield* exec.wait(3)");
    if (writer.rarely(4)) general.push("yield* exec.forbid()", "yield* exec.disable()");
    if (writer.rarely(6)) general.push("yield* exec.permit()", "yield* exec.enable()");
    if (writer.rarely(3)) general.push("yield* beam.serve()", "yield* beam.cause()", `yield* soft.create(${writer.below(2)})`);
    if (writer.rarely(4)) general.push("yield* exec.allocSignal()", `yield* exec.freeSignal(${writer.below(2)})`, `yield* exec.setSignal(0, ${mask(writer)})`);
    return general[writer.below(general.length)] as string;
  },
  keep: (writer, indent, name) => {
    const used = writer.fresh();
    if (writer.rarely(3)) {
      const call = writer.oneOf(`exec.waitIO(${requestOf(writer)})`, `disk.doIO(${requestOf(writer)}, ${writer.expression(writer.message)})`);
      const text = `${indent}const ${name} = yield* ${call};\n${indent}const ${used} = ${writer.rarely(6) ? "" : `${name}.error !== "none" ? ${writer.literal(writer.message)} : `}${name}.value;\n`;
      writer.declare(used, writer.message);
      return text;
    }
    if (writer.rarely(4)) {
      const text = `${indent}const ${name} = yield* exec.checkIO(${requestOf(writer)});\n${indent}const ${used} = ${name}.done;\n`;
      writer.declare(used, "boolean");
      return text;
    }
    const port = portOf(writer);
    const got = `${indent}${writer.rarely(2) ? "" : `yield* ${port}.waitPort();\n${indent}`}const ${name} = yield* ${port}.getMsg();\n`;
    writer.declare(used, writer.message);
    const answer = writer.rarely(5) ? `${port}.forward(${name}.message, ${used})` : `exec.replyMsg(${name}.message, ${used})`;
    return `${got}${indent}const ${used} = ${name}.error === "none" ? ${name}.value : ${writer.literal(writer.message)};\n${indent}if (${name}.error === "none" && ${name}.type === "message") yield* ${answer};\n`;
  },
};
