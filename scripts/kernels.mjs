// Writes docs/kernels.md: for each kernel what it is, a protocol of the library on it, and what the library shows about it.
// From the source and the specifications themselves. Run: node scripts/kernels.mjs; --check says whether it is up to date.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { loadSpec } from "../dist/model/loader/load.js";

/** The text of a file's first comment, as paragraphs on one line each. */
const headOf = (file) => {
  const comment = /\/\*\*([\s\S]*?)\*\//u.exec(readFileSync(file, "utf8"))?.[1] ?? "";
  return comment
    .replace(/^\s*\* ?/gmu, "")
    .trim()
    .split(/\n\s*\n/u)
    .map((paragraph) => paragraph.replace(/\s+/gu, " ").trim());
};
const verdictOf = ({ expect }) => (expect === null ? "" : expect === "holds" ? "holds" : expect.violated);

/** The protocol to show: the shortest file with one protocol that falls and one that holds. */
const exampleOf = (specs) =>
  specs
    .filter(({ protocols }) => protocols.some(({ protocol }) => protocol.expect === "holds") && protocols.some(({ protocol }) => protocol.expect !== "holds"))
    .sort((a, b) => a.text.length - b.text.length)[0] ?? specs[0];

const sections = [];
const kernels = readdirSync("kernel").filter((name) => name !== "common" && existsSync(`kernel/${name}/index.ts`) && existsSync(`specs/${name}`));
for (const kernel of kernels.sort()) {
  const files = readdirSync(`specs/${kernel}`, { recursive: true })
    .filter((file) => file.endsWith(".ts"))
    .sort();
  const specs = [];
  for (const file of files)
    specs.push({ file: `specs/${kernel}/${file}`, text: readFileSync(`specs/${kernel}/${file}`, "utf8"), ...(await loadSpec(`specs/${kernel}/${file}`)) });
  const example = exampleOf(specs.map((spec, i) => ({ ...spec, file: `specs/${kernel}/${files[i]}` })));
  sections.push(
    [
      `## ${kernel}`,
      "",
      ...headOf(`kernel/${kernel}/index.ts`).flatMap((paragraph) => [paragraph, ""]),
      `\`import * as ${kernel} from "ipc-check/kernels/${kernel}"\`; its operations are in the [reference](reference.md#ipc-checkkernels${kernel}).`,
      "",
      `[${example.file}](../${example.file}), one that falls beside one that holds:`,
      "",
      "```ts",
      example.text.trimEnd(),
      "```",
      "",
      "What the library shows:",
      "",
      ...specs.flatMap(({ protocols }, i) => {
        const file = `specs/${kernel}/${files[i]}`;
        const verdicts = protocols.map(({ exportName, protocol }) => `${exportName} ${verdictOf(protocol)}`).join(", ");
        return [`- [${files[i]}](../${file}) (${verdicts}): ${headOf(file).join(" ")}`];
      }),
      "",
    ].join("\n"),
  );
}

const text = [
  "# The kernels, one by one",
  "",
  "For each kernel: what is modelled, a protocol to begin from, and what goes wrong or right on it in the library. `node scripts/kernels.mjs` writes this",
  "page from the source. [scenarios.md](scenarios.md) has all verdicts with counts, [limits.md](limits.md) what is left out, [new-kernel.md](new-kernel.md)",
  "how to bring one's own.",
  "",
  ...kernels.map((name) => `- [${name}](#${name})`),
  "",
  ...sections,
].join("\n");

if (process.argv.includes("--check")) {
  if (!existsSync("docs/kernels.md") || readFileSync("docs/kernels.md", "utf8") !== text) {
    console.error("docs/kernels.md is out of date: node scripts/kernels.mjs writes it");
    process.exitCode = 1;
  }
} else writeFileSync("docs/kernels.md", text);
