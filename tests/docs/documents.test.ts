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

const documents = [
  "README.md",
  ...readdirSync("docs", { recursive: true, encoding: "utf8" }).flatMap((name) => (name.endsWith(".md") ? [join("docs", name)] : [])),
];

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

test("the protocols and properties of docs/language.md compile", async () => {
  const user = project();
  try {
    const [first = "", second = ""] = blocks("docs/language.md")
      .filter(({ language }) => language === "ts")
      .map(({ text }) => text);
    user.write("first.ts", first);
    user.write(
      "second.ts",
      `import { flag, int, protocol } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";
export default protocol("runs", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 1) }),
  memory: { requested: flag, asked: flag, answered: flag, turn: int(0, 1) },
  threads: {
    server: {
      *run({ ipc, answered }) {
        let request = yield* ipc.wait();
        while (true) {
          yield* answered.store(true);
          const next = yield* ipc.replyWait(request.from, 0, { send: "zero" });
          request = next.error === "none" ? next : yield* ipc.wait();
        }
      },
    },
    client: { *run({ ipc, threads, requested, asked, turn }) { yield* requested.store(true); yield* asked.store(true); yield* ipc.call(threads.server, 1); yield* turn.store(1); } },
  },
  ${second}});
`,
    );
    for (const file of ["first.ts", "second.ts"]) {
      const { code, stderr } = await run(["verify", file, "--no-trace-file", "--max-states", "200000"], { cwd: user.root });
      expect(stderr.replace(/^.*states.*$/gmu, "").trim()).toBe("");
      expect([0, 1, 3]).toContain(code);
    }
  } finally {
    user.remove();
  }
}, 60_000);

test("every command that the documents show can be given as it stands", async () => {
  const user = project();
  try {
    user.write("calls.ts", readFileSync("specs/l4/call-hierarchy.ts", "utf8"));
    await run(["verify", "calls.ts", "-e", "broken", "-q"], { cwd: user.root });
    for (const name of ["trace", "rpc-default-deadlock"])
      user.write(`.ipc-check/${name}.json`, readFileSync(user.path(".ipc-check/calls-broken-deadlock.json"), "utf8"));
    const given = documents
      .flatMap((file) => blocks(file))
      .filter(({ language }) => language === "sh")
      .flatMap(({ text }) => [...text.matchAll(/^(?:npx )?ipc-check (.*)$/gmu)].map(([, line = ""]) => line.replace(/ +#.*$/u, "")));
    expect(given.length).toBeGreaterThan(6);
    // The explorer's page is served until somebody ends it: tests/explorer.
    for (const line of given.filter((each) => !each.startsWith("explore "))) {
      // With --step it reads commands until its input ends.
      const { code, stderr } = await run(line.split(" "), { cwd: user.root, ...(line.includes("--step") ? { input: "" } : {}) });
      // 3: a run under a bound.
      expect([0, 1, 3], `${line}: ${stderr}`).toContain(code);
    }
  } finally {
    user.remove();
  }
}, 120_000);

test.each(["reference", "kernels"])(
  "docs/%s.md is what its script writes",
  (name) => {
    const { status, stderr } = spawnSync(process.execPath, [`scripts/${name}.mjs`, "--check"], { encoding: "utf8" });
    expect(stderr.replace(/^npm warn.*\n/gmu, "")).toBe("");
    expect(status).toBe(0);
  },
  60_000,
);

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
