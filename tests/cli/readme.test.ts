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

test("every command, option and exit code that the README names exists", async () => {
  const help = (await run(["--help"])).stdout;
  const commands = new Set([...readme.matchAll(/^\| `(\w+) /gm)].map(([, command = ""]) => command));
  for (const command of commands) expect(help).toContain(`  ${command} `);
  const own = await Promise.all([...commands].map(async (command) => [command, (await run([command, "--help"])).stdout] as const));
  // What is said in the paragraph on verify is an option of verify; elsewhere the text says of which command.
  const verify = /^Options of `verify`:[\s\S]*?\n\n/m.exec(readme)?.[0] ?? "";
  const ofVerify = own.find(([command]) => command === "verify")?.[1] ?? "";
  for (const [, option] of verify.matchAll(/`(--[\w-]+)/g)) expect(ofVerify, option).toContain(option);
  const every = own.map(([, text]) => text).join("\n");
  for (const [, option] of readme.matchAll(/[` ](--(?!save-dev)[a-z-]+)/g)) expect(every, option).toContain(option);
});
