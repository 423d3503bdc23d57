// One run of our own engine in a process of its own: `node bench/engine.mjs <spec> [name=value …]` prints one line of JSON.
import { search } from "../dist/checker/engine/index.js";
import { compile } from "../dist/model/compiler/index.js";
import { instantiate } from "../dist/model/language/protocol.js";
import { loadSpec } from "../dist/model/loader/load.js";

const [file, ...assignments] = process.argv.slice(2);
const parameters = Object.fromEntries(assignments.map((text) => text.split("=")).map(([name, value]) => [name, Number(value)]));
const { protocols } = await loadSpec(file);
const { verdict, stats } = await search(compile(instantiate(protocols[0].protocol, parameters)));
// maxRSS is in kilobytes.
console.log(JSON.stringify({ verdict, ...stats, peak: process.resourceUsage().maxRSS * 1024 }));
