// Two runs of bench/engine.mjs at the same time, with its arguments: prints the exploring seconds of the slower one. What two
// searches that share nothing lose to each other (memory, caches, a core's two threads) no search with two workers gets back.
import { spawn } from "node:child_process";

const engine = () =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["bench/engine.mjs", ...process.argv.slice(2)], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (text) => (output += text));
    child.on("error", reject);
    child.on("close", (status) => (status === 0 ? resolve(JSON.parse(output.split("\n")[0])) : reject(new Error(`a search ended with ${status}`))));
  });
const results = await Promise.all([engine(), engine()]);
console.log(JSON.stringify({ exploring: Math.max(...results.map(({ exploring }) => exploring)) }));
