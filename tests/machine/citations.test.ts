/** Each executable path says at its operations which rules they implement, and where these are. Names that do not exist, and rules that nobody cites, show up here. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadSpec } from "../../dist/model/loader/load.js";

const numbered = (text: string): string => text.replace(/\d+/g, "N");

/** The rules of each kernel that the specs library can meet, numbers in their names (of CPUs, of domains) aside. */
async function declared(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const rules = new Map<string, Set<string>>();
  const files = readdirSync("specs", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  for (const file of files) {
    const { protocols } = await loadSpec(`specs/${file}`);
    for (const { protocol } of protocols) {
      const { kernel, objects } = protocol;
      const known = rules.get(kernel.name) ?? new Set();
      rules.set(kernel.name, known);
      const operations = [...kernel.operations, ...Object.values(objects).flatMap((type) => type.operations)];
      for (const { declaration } of operations) for (const rule of Object.keys(declaration.rules)) known.add(numbered(rule));
      for (const rule of Object.keys(kernel.background)) known.add(numbered(rule));
    }
  }
  return rules;
}

interface Citation {
  readonly file: string;
  readonly rule: string;
}

/** `Rules (file): "name", "name"` in the comments of the paths of a kernel. */
function cited(kernel: string): readonly Citation[] {
  return readdirSync(`kernel/${kernel}`)
    .filter((file) => file.includes("path") && file.endsWith(".ts"))
    .flatMap((path) => {
      const comments = readFileSync(`kernel/${kernel}/${path}`, "utf8").match(/\/\*\*[\s\S]*?\*\//g) ?? [];
      return comments.flatMap((comment) =>
        [...comment.replace(/\n\s*\* ?/g, " ").matchAll(/Rules \(([\w-]+\.ts)\): ((?:"[^"]+"(?:, )?)+)/g)].flatMap(([, file = "", names = ""]) =>
          [...names.matchAll(/"([^"]+)"/g)].map(([, rule = ""]) => ({ file, rule })),
        ),
      );
    });
}

/** Whether a file of rules has a rule of this name, as a string, as a name by itself, or as a template for its numbers. */
function defines(kernel: string, { file, rule }: Citation): boolean {
  const text = numbered(readFileSync(`kernel/${kernel}/${file}`, "utf8").replace(/\$\{[^}]*\}/g, "N"));
  return text.includes(`"${rule}"`) || text.includes(`\`${rule}\``) || (/^\w+$/.test(rule) && new RegExp(`\\b${rule}: ?[({]`).test(text));
}

const rules = await declared();

describe("the executable paths of", () => {
  test.each([...rules])("%s cite each rule of their kernel, and no other", (kernel, all) => {
    const citations = cited(kernel);
    expect([...new Set(citations.map(({ rule }) => rule))].sort()).toEqual([...all].sort());
    expect(citations.filter((citation) => !defines(kernel, citation))).toEqual([]);
  });
});
