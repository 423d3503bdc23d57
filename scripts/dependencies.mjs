// Checks the directions of .dependency-cruiser.cjs, and that the tool has really seen the modules: a rule that sees
// nothing finds nothing wrong.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cruise } from "dependency-cruiser";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";

const { forbidden, options } = createRequire(import.meta.url)("../.dependency-cruiser.cjs");
const folders = JSON.parse(readFileSync("tsconfig.json", "utf8")).include;
const files = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`),
);

const { output } = await cruise(folders, { ...options, validate: true, ruleSet: { forbidden } }, undefined, { tsConfig: extractTSConfig("tsconfig.json") });
const seen = new Set(output.modules.map((module) => module.source));
const missed = files.filter((file) => !seen.has(file));
const edges = output.modules
  .filter((module) => files.includes(module.source))
  .reduce((sum, module) => sum + module.dependencies.filter((each) => files.includes(each.resolved)).length, 0);

for (const { from, to, rule, cycle } of output.summary.violations) {
  console.error(`${rule.name}: ${from} → ${cycle ? cycle.map((each) => each.name).join(" → ") : to}`);
}
for (const file of missed) console.error(`not seen: ${file}`);
console.log(`${files.length} modules, ${edges} dependencies between them, ${output.summary.violations.length} violations`);
const plausible = files.length >= 60 && edges >= 2 * files.length - 20;
if (!plausible) console.error("implausibly few: has the tool seen the imports?");
if (output.summary.violations.length > 0 || missed.length > 0 || !plausible) process.exitCode = 1;
