/** What `ipc-check explain` says about the errors of loading a specification: IPC001 to IPC099. */
import type { CodeTable } from "./diagnostic.ts";

export const loaderCodes: CodeTable = {
  IPC001: {
    title: "the specification is not there",
    explanation: `The path names no file, a folder, or a file that is not a TypeScript or JavaScript module. Paths are taken relative to
the working directory. Patterns may use *, ** and ?; quote them, so that the shell leaves them alone.`,
    wrong: "ipc-check verify specs",
    right: "ipc-check verify 'specs/**/*.ts'",
  },
  IPC002: {
    title: "the specification cannot be bundled",
    explanation: `The module, or one that it imports, has a syntax error, or an import leads nowhere. Types are not checked: run tsc, or
look at your editor, for those. Relative imports carry their extension; packages must be installed where Node would look for them.`,
    wrong: 'import { lock } from "./lock";',
    right: 'import { lock } from "./lock.ts";',
  },
  IPC003: {
    title: "the specification does not finish loading",
    explanation: `A specification is an ordinary module: its top level runs once, declares protocols and ends. Here it runs for ever, or
ends the process. Loops of threads belong into their programs (*run), which are never run while loading.`,
    wrong: "while (true) {}\nexport default protocol(…);",
    right: "export default protocol(…);",
  },
  IPC004: {
    title: "the specification throws when it is imported",
    explanation: `Code at the top level of the module, or something that it calls, threw an exception. The place is the innermost one in
your own source. The tool's own functions throw when a declaration makes no sense, for example a range whose bounds are exchanged.`,
    wrong: "memory: { head: int(7, 0) }",
    right: "memory: { head: int(0, 7) }",
  },
  IPC005: {
    title: "the specification exports no protocol",
    explanation: `Every exported protocol of a module is checked, the default export and named ones alike. A protocol that is declared but
not exported is never seen.`,
    wrong: 'const handshake = protocol("handshake", { … });',
    right: 'export default protocol("handshake", { … });',
  },
  IPC006: {
    title: "the default export is not a protocol",
    explanation: `The default export of a specification is what \`protocol(…)\` returns. An object with the same fields is not enough: the
declaration is checked, and its types are inferred, by that function.`,
    wrong: "export default { kernel: …, threads: { … } };",
    right: 'export default protocol("name", { kernel: …, threads: { … } });',
  },
  IPC007: {
    title: "a declaration is wrong",
    explanation: `The protocol's declaration has an option that does not exist, lacks one that it needs, or has one whose value makes no
sense: a CPU that the kernel does not have, a count that names no parameter, a name used for two things. Nothing is ignored, since a
misspelt option would silently check something else.`,
    wrong: "threads: { server: { cpus: 0, *run() { … } } }",
    right: "threads: { server: { cpu: 0, *run() { … } } }",
  },
  IPC008: {
    title: "local computation does not end",
    explanation: `What stands between two operations of a thread is one atomic step, and this one goes on for ever (or for more than a million
steps). A loop that waits for others must perform an operation in each round, or be a waitUntil.`,
    wrong: "while (!done) {}",
    right: "yield* waitUntil(done, (value) => value);",
  },
  IPC009: {
    title: "a state is too large",
    explanation: `A state is all memory, all locals and the kernel's state together, and each is stored exactly. A model needs the few values that
matter to the protocol, not the sizes of the real thing: a ring of two or three slots shows what a ring of a thousand does.`,
    wrong: "memory: { ring: array(4096, int(0, 1_000_000)) }",
    right: "memory: { ring: array(2, int(0, 3)) }",
  },
};
