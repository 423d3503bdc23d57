#!/usr/bin/env node
// Checks the version of Node before anything is imported that an older one could not even parse.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`ipc-check needs Node 20.19 or newer; this is ${process.versions.node}\n`);
  process.exitCode = 2;
} else {
  // A small check is over before optimised code has paid for its compilation: a function has to run ten times as long as
  // usual before V8 optimises it. Long runs spend their time in WebAssembly, which is not meant.
  // An unknown flag would be complained about, so this is for the versions that are known to have it.
  if (major <= 24) (await import("node:v8")).setFlagsFromString("--interrupt-budget=600000");
  // From 22.1 on Node keeps compiled JavaScript, too.
  (await import("node:module")).enableCompileCache?.();
  const { main } = await import("../dist/bundle/cli/main.js");
  process.exitCode = await main(process.argv.slice(2));
}
