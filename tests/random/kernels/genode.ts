/** Genode in random protocols: two entrypoints, which any thread serves, and two signals. */
import { domainOf, type RandomKernel, type Type, type Writer } from "./kernel.ts";

const types: readonly Type[] = ["int", "boolean", "color", "thread", "pair"];
const cores = ["generic", "base-hw", "11.11"];
/** One system for each kind of messages, number of CPUs and core, so that a protocol's kernel and objects are of one system. */
const systems = types
  .map(
    (type) =>
      `const genode_${type} = [1, 2].flatMap((cpus) => (${JSON.stringify(cores)} as const).map((core) => genode.system({ cpus, message: ${domainOf(type)}, counts: 2, core })));`,
  )
  .join("\n");

const entrypointOf = (writer: Writer): string => (writer.rarely(4) ? "side" : "main");
const signalOf = (writer: Writer): string => (writer.rarely(3) ? "horn" : "bell");

export const genode: RandomKernel = {
  name: "genode",
  imports: `import * as genode from "ipc-check/kernels/genode";\n${systems}`,
  cpus: [1, 2],
  context: ["control"],
  declare: (writer, cpus) => {
    const system = `genode_${writer.message}[${(cpus - 1) * cores.length + writer.below(cores.length)}]!`;
    return {
      kernel: `${system}.kernel`,
      objects: { main: `${system}.entrypoint()`, side: `${system}.entrypoint()`, bell: `${system}.signal()`, horn: `${system}.signal()` },
    };
  },
  share: { operation: 3, keep: 3 },
  operation: (writer) => {
    const general = [
      `yield* ${entrypointOf(writer)}.wait(${writer.oneOf("", "{ idle: false }")})`,
      `yield* ${signalOf(writer)}.submit()`,
      `yield* ${signalOf(writer)}.manage(${entrypointOf(writer)})`,
      `yield* ${entrypointOf(writer)}.replyAndWait(${writer.expression(writer.message)})`,
      `yield* ${entrypointOf(writer)}.call(${writer.expression(writer.message)})`,
    ];
    if (writer.rarely(6)) general.push(`yield* control.cancel(${writer.partner()})`, `yield* ${signalOf(writer)}.dissolve()`);
    if (writer.rarely(10)) general.push(`yield* ${entrypointOf(writer)}.destroy()`);
    return general[writer.below(general.length)] as string;
  },
  keep: (writer, indent, name) => {
    const used = writer.fresh();
    if (writer.rarely(2)) {
      const call = `${indent}const ${name} = yield* ${entrypointOf(writer)}.call(${writer.expression(writer.message)});\n`;
      const text = `${call}${indent}const ${used} = ${writer.rarely(6) ? "" : `${name}.error !== "none" ? ${writer.literal(writer.message)} : `}${name}.reply;\n`;
      writer.declare(used, writer.message);
      return text;
    }
    const entrypoint = entrypointOf(writer);
    const isSignal = writer.fresh();
    const text = `${indent}const ${name} = yield* ${entrypoint}.wait();\n${indent}const ${used} = ${name}.message;\n${indent}const ${isSignal} = ${name}.kind === "signal" && ${name}.count > 0;\n`;
    const answer = writer.rarely(2) ? `${indent}yield* ${entrypoint}.replyAndWait(${used});\n` : "";
    writer.declare(used, writer.message);
    writer.declare(isSignal, "boolean");
    return text + answer;
  },
};
