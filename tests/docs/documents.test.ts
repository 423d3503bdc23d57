/** The documents say what is so: the tutorial is followed to the letter, generated pages are those that would be generated now. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";
import { run } from "../cli/run.ts";
import { project } from "../loader/project.ts";

const timeless = (text: string): string =>
  text
    .replace(/\d+(\.\d+)? m?s\b/gu, "T")
    .replace(/ {2,}/gu, "  ")
    .replace(/ +T/gu, " T")
    .trimEnd();

interface Block {
  readonly language: string;
  readonly text: string;
}
const blocks = (file: string): readonly Block[] =>
  [...readFileSync(file, "utf8").matchAll(/^```(\w+)\n(.*?)^```$/gmsu)].map(([, language = "", text = ""]) => ({ language, text }));

/** Applies a diff whose lines are unique in the text. */
function patched(text: string, diff: string): string {
  const lines = diff.split("\n").filter((line) => line !== "");
  const before = lines.filter((line) => !line.startsWith("+")).map((line) => line.slice(1));
  const after = lines.filter((line) => !line.startsWith("-")).map((line) => line.slice(1));
  expect(text.split(before.join("\n"))).toHaveLength(2);
  return text.replace(before.join("\n"), after.join("\n"));
}

test("the tutorial's commands print what it shows, in its order", async () => {
  const user = project();
  try {
    let commands = 0;
    let spec = "";
    for (const { language, text } of blocks("docs/tutorial.md")) {
      if (language === "ts" && spec === "") user.write("mailbox.ts", (spec = text));
      else if (language === "diff") user.write("mailbox.ts", (spec = patched(spec, text)));
      else if (language === "console") {
        const [, command = "", shown = ""] = /^\$ npx ipc-check (.*)\n([\s\S]*)$/u.exec(text) ?? [];
        const { stdout, stderr } = await run(command.split(" "), { cwd: user.root });
        expect(timeless(stdout + stderr), command).toBe(timeless(shown));
        commands++;
      }
    }
    expect(commands).toBeGreaterThan(3);
  } finally {
    user.remove();
  }
});

test.each(["reference", "kernels"])(
  "docs/%s.md is what its script writes",
  (name) => {
    const { status, stderr } = spawnSync(process.execPath, [`scripts/${name}.mjs`, "--check"], { encoding: "utf8" });
    expect(stderr.replace(/^npm warn.*\n/gmu, "")).toBe("");
    expect(status).toBe(0);
  },
  60_000,
);

const documents = [
  "README.md",
  ...readdirSync("docs", { recursive: true, encoding: "utf8" }).flatMap((name) => (name.endsWith(".md") ? [join("docs", name)] : [])),
];

test("the picture in the README is the one that is drawn now", async () => {
  const user = project();
  try {
    user.write("specs/l4/hostage-reply.ts", readFileSync("specs/l4/hostage-reply.ts", "utf8"));
    await run(["verify", "specs/l4/hostage-reply.ts", "-e", "broken", "--no-trace-file", "-q", "--out", "svg=picture.svg"], { cwd: user.root });
    expect(readFileSync(user.path("picture.svg"), "utf8")).toBe(readFileSync("docs/pictures/hostage-reply.svg", "utf8"));
  } finally {
    user.remove();
  }
});

test("every link of the documents leads somewhere", () => {
  const broken = documents.flatMap((file) =>
    [
      ...readFileSync(file, "utf8")
        .replace(/^```.*?^```$/gmsu, "")
        .matchAll(/\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)/gu),
    ]
      .map(([, target = ""]) => target)
      .filter((target) => !existsSync(resolve(dirname(file), target)))
      .map((target) => `${file}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test("every command and option that the documents name exists", async () => {
  const commands = [...(await run(["--help"])).stdout.matchAll(/^ {2}([a-z]+)(?: |$)/gmu)].map(([, name = ""]) => name);
  const known = new Map<string, string>();
  for (const command of commands) known.set(command, (await run([command, "--help"])).stdout);
  const wrong: string[] = [];
  for (const file of documents.filter((name) => !name.includes("decisions"))) {
    for (const [, line = ""] of readFileSync(file, "utf8").matchAll(/(?:^|[`\s])ipc-check ((?:[a-z]+)(?: [^`\n]*)?)/gmu)) {
      const [command = "", ...rest] = line.split(/\s+/u);
      const help = known.get(command);
      if (help === undefined) continue;
      for (const word of rest) {
        const option = /^(--[a-z][a-z-]*)/u.exec(word)?.[1];
        if (option !== undefined && !help.includes(option)) wrong.push(`${file}: ipc-check ${command} ${option}`);
        if (word.endsWith("`") || word === "#") break;
      }
    }
  }
  expect(wrong).toEqual([]);
});

test("no document names a machine's folders", () => {
  const { stdout: named } = spawnSync("git", ["grep", "-lE", "(/home/|/tmp/bash|registry\\.npm)", "--", "docs", "README.md"], { encoding: "utf8" });
  expect(named).toBe("");
});
