/** The explorer's server: who gets an answer, who does not, and that odd requests get one clear sentence. */
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, expect, test } from "vitest";
import { type Explorer, PortError, serve } from "../../dist/counterexamples/explorer/server.js";
import { open } from "./opened.ts";

const { answers } = await open("specs/l4/hostage-reply.ts", "broken");
const explorer: Explorer = await serve(answers, 0);
afterAll(() => explorer.close());
const { port, pathname: page } = new URL(explorer.url);

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}
interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function ask(path: string, { method = "GET", headers = {}, body }: Asked = {}): Promise<Answer> {
  return new Promise((done, fail) => {
    const asked = request({ host: "127.0.0.1", port: Number(port), path, method, headers: { Host: `127.0.0.1:${port}`, ...headers } }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => done({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    asked.on("error", fail);
    asked.end(body);
  });
}
const post = (question: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  ask(`${page}api/${question}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

test("the page comes with a policy that allows its own script and style by their hashes, and nothing from elsewhere", async () => {
  const { status, headers, text } = await ask(page);
  expect(status).toBe(200);
  const policy = String(headers["content-security-policy"]);
  expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[\w+/=]+'; style-src 'sha256-[\w+/=]+'; connect-src 'self'; /u);
  expect(policy).not.toMatch(/unsafe|\*|http|data:/u);
  expect(text).not.toMatch(/<(script|link|img|iframe)[^>]* (src|href)=/u);
  expect(text.match(/<script/gu)).toHaveLength(2);
  expect(headers["x-content-type-options"]).toBe("nosniff");
  expect(headers["cache-control"]).toBe("no-store");
  expect((await ask(page, { method: "HEAD" })).text).toBe("");
});

test("two servers have different addresses, too long to be guessed", async () => {
  const other = await serve((await open("specs/l4/hostage-reply.ts", "broken")).answers, 0);
  const token = new URL(other.url).pathname;
  await other.close();
  expect(token.length).toBeGreaterThan(30);
  expect(token).not.toBe(page);
});

test("without the address there is no page and no answer", async () => {
  for (const path of [
    "/",
    "/api/walk",
    `/${page.slice(1, -2)}/`,
    `${page}x`,
    `/x${page}`,
    "//",
    "/%",
    `${page}../`,
    `${page}api/constructor`,
    `${page}api/__proto__`,
  ]) {
    const { status, text } = await ask(path, path.includes("api") ? { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" } : {});
    expect([path, status]).toEqual([path, 404]);
    expect(text).not.toContain("reply without a timeout");
  }
});

test("a request that names another host is refused, as DNS rebinding would send it", async () => {
  for (const host of ["evil.example", `evil.example:${port}`, `127.0.0.1.evil.example:${port}`, "127.0.0.1", `127.0.0.1:${Number(port) + 1}`, `[::1]:${port}`])
    expect([host, (await ask(page, { headers: { Host: host } })).status]).toEqual([host, 403]);
  expect((await ask(page, { headers: { Host: `localhost:${port}` } })).status).toBe(200);
});

test("a question from another page is refused, and so is one that a form could send", async () => {
  expect((await post("walk", { path: "" }, { Origin: "http://evil.example" })).status).toBe(403);
  expect((await post("walk", { path: "" }, { Origin: "null" })).status).toBe(403);
  expect((await post("walk", { path: "" }, { Origin: `http://127.0.0.1:${port}` })).status).toBe(200);
  expect((await post("walk", { path: "" }, { "Content-Type": "text/plain" })).status).toBe(405);
  expect((await ask(`${page}api/walk`)).status).toBe(405);
  expect((await ask(page, { method: "POST" })).status).toBe(405);
});

test("every question is answered", async () => {
  expect(JSON.parse((await post("walk", { path: "" })).text)).toEqual({ path: "", steps: [] });
  const { moves } = JSON.parse((await post("moment", { path: "" })).text) as { moves: { move: string }[] };
  expect(moves.length).toBeGreaterThan(1);
  expect(JSON.parse((await post("search", { path: "", expression: "blocked(server)" })).text)).toMatchObject({ path: expect.any(String) });
  expect(JSON.parse((await post("check", {})).text)).toMatchObject({ verdict: "violated" });
  const { nodes } = JSON.parse((await post("overview", {})).text) as { nodes: { key: string }[] };
  expect(JSON.parse((await post("node", { node: nodes.at(-1)?.key })).text)).toMatchObject({ path: expect.any(String) });
  expect(JSON.parse((await post("places", { path: moves[0]?.move })).text)).toHaveLength(2);
});

test("what is wrong with a question is said in one sentence", async () => {
  const refused = async (question: string, body: unknown): Promise<string> => {
    const { status, text } = await post(question, body);
    expect([question, status]).toEqual([question, 400]);
    return (JSON.parse(text) as { error: string }).error;
  };
  expect(await refused("walk", "{")).toBe("the request is no JSON");
  expect(await refused("walk", "[]")).toBe("the document must be an object, not a list");
  expect(await refused("walk", {})).toBe("path is missing");
  expect(await refused("walk", { path: 3 })).toBe("path must be a string, not 3");
  expect(await refused("walk", { path: "1-".repeat(30_000) })).toContain("more than 10000 steps");
  expect(await refused("moment", { path: "77777" })).toContain("step 1 of the path (77777) is not possible there");
  expect(await refused("search", { path: "", expression: "1 = 1" })).toBe("write == to compare");
  expect(await refused("trace", { trace: "{}", name: "x.json" })).toContain("not a trace of ipc-check");
  expect(await refused("node", { node: "s999" })).toBe("there is no such node in the picture");
});

test("a request that is too large is cut off", async () => {
  const outcome = await post("trace", { trace: "x".repeat(17 * 1024 * 1024), name: "x" }).then(
    ({ status }) => status,
    () => 413,
  );
  expect(outcome).toBe(413);
});

test("a port that is taken is said to be, with the way out", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => taken.once("listening", done));
  const { port: busy } = taken.address() as AddressInfo;
  await expect(serve(answers, busy)).rejects.toThrow(PortError);
  await expect(serve(answers, busy)).rejects.toThrow(`port ${busy} is in use; choose another one with --port, or leave it out for any free one`);
  taken.close();
});
