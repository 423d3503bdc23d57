/** Mach in random protocols: two tasks whose threads share them, two ports, a set; rights of every kind. */
import { domainOf, type RandomKernel, type Type, type Writer } from "./kernel.ts";

const types: readonly Type[] = ["int", "boolean", "color", "thread", "pair"];
const variants = {
  lifo: ", slots: 3, references: 2, makes: 2",
  fifo: ', order: "fifo", slots: 2, references: 3',
  xnu: ', personality: "xnu", slots: 3, references: 2, pegged: true',
};
const systemName = (type: Type, variant: string, cpus: number): string => `mach_${type}_${variant}_${cpus}`;
/** A kernel and its objects come from one system, so each kind of system is declared once. */
const systems = types.flatMap((type) =>
  Object.entries(variants).flatMap(([variant, options]) =>
    [1, 2].map((cpus) => `const ${systemName(type, variant, cpus)} = mach.system({ cpus: ${cpus}, message: ${domainOf(type)}${options} });`),
  ),
);

const task = (writer: Writer): string => writer.oneOf("left", "right");
const name = (writer: Writer): string => writer.oneOf("p.name", "q.name", "p.once", "q.once");
const timeout = (writer: Writer, key: string): string => `${key}: ${writer.oneOf('"zero"', '"finite"', '"infinite"')}`;
/** What goes into the message: often a send-once right for the answer. */
const header = (writer: Writer): string => {
  const how = writer.oneOf("none", "make-send-once", "make-send", "copy-send", "move-send", "move-send-once");
  const right = how === "none" ? "0" : how === "move-send-once" ? writer.oneOf("p.once", "q.once") : writer.oneOf("p.name", "q.name");
  const more = writer.rarely(4) ? ', id: "no-senders", data: 1' : writer.rarely(4) ? ", move: true" : "";
  return how === "none" ? `data: 0${more}` : `how: "${how}", right: ${right}${more}`;
};
const from = (writer: Writer): string => writer.oneOf("p.name", "q.name", "s.name");

export const mach: RandomKernel = {
  name: "mach",
  imports: ['import * as mach from "ipc-check/kernels/mach";', ...systems].join("\n"),
  cpus: [1, 2],
  context: [],
  declare: (writer, cpus) => {
    const system = systemName(writer.message, writer.oneOf("lifo", "xnu", "fifo"), cpus);
    return {
      kernel: `${system}.kernel`,
      objects: {
        p: `${system}.port({ limit: 1 })`,
        q: `${system}.port({ limit: ${1 + writer.below(2)} })`,
        s: `${system}.set()`,
        left: `${system}.task({ receive: ["p", "s"], send: ["q"] })`,
        right: `${system}.task({ receive: ["q"${writer.rarely(3) ? ', "p"' : ""}], send: ["p", "q"] })`,
      },
    };
  },
  share: { operation: 1, keep: 2 },
  operation: (writer) => {
    const body = writer.expression(writer.message);
    const common = [
      `yield* ${task(writer)}.send(${name(writer)}, ${body}, { ${header(writer)}, ${timeout(writer, "timeout")} })`,
      `yield* ${task(writer)}.receive(${from(writer)}, { ${timeout(writer, "timeout")}${writer.rarely(3) ? ", idle: true" : ""} })`,
      `yield* ${task(writer)}.send(${writer.oneOf("p.name", "q.name")}, ${body})`,
      `yield* ${task(writer)}.call(${name(writer)}, ${body}, ${from(writer)}, { ${header(writer)} })`,
    ];
    const rare = [
      `yield* ${task(writer)}.deallocate(${name(writer)})`,
      `yield* ${task(writer)}.requestNoSenders(${writer.oneOf("p.name", "q.name")}, ${writer.oneOf("p.name", "q.name")}, ${writer.below(2)})`,
      `yield* ${task(writer)}.requestDeadName(${writer.oneOf("p.name", "q.name")}, ${writer.oneOf("p.name", "q.name")})`,
      `yield* ${task(writer)}.moveMember(${writer.oneOf("p.name", "q.name")}, ${writer.oneOf("s.name", "0", "p.name")})`,
      `yield* ${task(writer)}.destroy(${name(writer)})`,
      `yield* ${task(writer)}.terminate()`,
    ];
    return writer.rarely(3) ? (rare[writer.below(rare.length)] as string) : (common[writer.below(common.length)] as string);
  },
  keep: (writer, indent, local) => {
    const mine = task(writer);
    const body = writer.expression(writer.message);
    const operation = writer.oneOf(
      `${mine}.receive(${from(writer)}, { ${timeout(writer, "timeout")} })`,
      `${mine}.call(${name(writer)}, ${body}, ${from(writer)}, { ${header(writer)}, ${timeout(writer, "send")}, ${timeout(writer, "receive")} })`,
    );
    const used = writer.fresh();
    writer.declare(used, writer.message);
    const text = `${indent}const ${local} = yield* ${operation};\n${indent}const ${used} = ${local}.error === "none" ? ${local}.message : ${writer.literal(writer.message)};\n`;
    if (writer.mostly(2)) return text;
    return `${text}${indent}if (${local}.right !== mach.none && ${local}.right !== mach.dead) yield* ${mine}.${writer.oneOf(`send(${local}.right, ${body}, { timeout: "zero" })`, `deallocate(${local}.right)`)};\n`;
  },
};
