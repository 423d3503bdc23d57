#!/usr/bin/env node
// Checks the version of Node before anything is imported that an older one could not even parse.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`ipc-check needs Node 20.19 or newer; this is ${process.versions.node}\n`);
  process.exitCode = 2;
} else {
  (await import("./flags.js")).flags();
  // From 22.1 on Node keeps compiled JavaScript, too.
  (await import("node:module")).enableCompileCache?.();
  const { main } = await import("../dist/bundle/cli/main.js");
  process.exitCode = await main(process.argv.slice(2));
}
