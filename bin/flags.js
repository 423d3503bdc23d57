// V8's flags for the command. They are part of what decides whether V8 takes up compiled code, so the build sets them, too.
import { setFlagsFromString } from "node:v8";

const major = Number(process.versions.node.split(".")[0]);

export function flags() {
  // A small check is over before optimised code has paid for its compilation: a function has to run ten times as long as
  // usual before V8 optimises it. Long runs spend their time in WebAssembly, which is not meant. An unknown flag would be
  // complained about, so this is for the versions that are known to have it.
  if (major <= 24) setFlagsFromString("--interrupt-budget=600000");
}
