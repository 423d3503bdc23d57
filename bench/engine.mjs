// One run of our own engine in a process of its own: `node bench/engine.mjs <spec> [name=value …]` prints one line of JSON.
// A name that begins with "--" is an option of the search: --workers=2.
import { search } from "../dist/checker/engine/index.js";
import { compile } from "../dist/model/compiler/index.js";
import { instantiate } from "../dist/model/language/protocol.js";
import { loadSpec } from "../dist/model/loader/load.js";

const [file, ...assignments] = process.argv.slice(2);
const pairs = assignments.map((text) => text.split("="));
const number = (value) => (value === "true" ? true : Number.isNaN(Number(value)) ? value : Number(value));
const parameters = Object.fromEntries(pairs.filter(([name]) => !name.startsWith("--")).map(([name, value]) => [name, Number(value)]));
const options = Object.fromEntries(pairs.filter(([name]) => name.startsWith("--")).map(([name, value]) => [name.slice(2), number(value)]));
const { protocols } = await loadSpec(file);
const system = compile(instantiate(protocols[0].protocol, parameters));
const before = process.cpuUsage();
const { verdict, stats } = await search(system, options);
const { user, system: kernel } = process.cpuUsage(before);
// maxRSS is in kilobytes.
console.log(JSON.stringify({ verdict, ...stats, cpu: (user + kernel) / 1e6, peak: process.resourceUsage().maxRSS * 1024 }));
