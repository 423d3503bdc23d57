import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { project } from "../loader/project.ts";
import { run } from "./run.ts";

const readme = readFileSync("README.md", "utf8");
/** Times differ from run to run. */
const timeless = (text: string): string => text.replace(/, [\d.]+ m?s$/gm, ", TIME").trim();

test("the README shows the specification as it is", () => {
  const [shown] = /```ts\n(export const broken = [\s\S]*?)```/.exec(readme)?.slice(1) ?? [];
  const spec = readFileSync("specs/l4/hostage-reply.ts", "utf8");
  // The README leaves out the reference to the catalogue.
  expect(spec.replace(/^ {2}scenario: .*\n/gm, "")).toContain(shown);
});

test("the README shows what the tool prints", async () => {
  const [, command = "", shown = ""] = /`ipc-check (verify [^`]* --export broken)` prints\n\n```\n([\s\S]*?)```/.exec(readme) ?? [];
  const here = project();
  try {
    here.write("specs/l4/hostage-reply.ts", readFileSync("specs/l4/hostage-reply.ts", "utf8"));
    const { stdout } = await run(command.split(" "), { cwd: here.root });
    expect(timeless(stdout)).toBe(timeless(shown));
  } finally {
    here.remove();
  }
});

test("every command, option of verify and exit code that the README names exists", async () => {
  const help = (await run(["--help"])).stdout;
  for (const [, command] of readme.matchAll(/^\| `(\w+) /gm)) expect(help).toContain(`  ${command} `);
  const verify = (await run(["verify", "--help"])).stdout;
  for (const [, option] of readme.matchAll(/`(--[\w-]+)/g)) if (option !== "--template") expect(verify, option).toContain(option);
});
