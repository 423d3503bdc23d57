/**
 * The explorer's server: this machine only, under a path that nobody can guess, for requests that name this host. Every
 * request but the page itself is a small JSON document, checked before use; nothing of it is ever run.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { object, type Shape, ShapeError, text } from "../shape.ts";
import { ExpressionError } from "./expression.ts";
import { pageDocument, policy } from "./document.ts";
import type { Answers } from "./answers.ts";
import { Refusal } from "./answers.ts";
import { PathError } from "./session.ts";

/** Larger requests are refused: a trace of some thousand steps fits. */
const mostBytes = 16 * 1024 * 1024;

export interface Explorer {
  /** `http://127.0.0.1:4711/TOKEN/` */
  readonly url: string;
  close(): Promise<void>;
}

/** The port is not to be had; the message says why. */
export class PortError extends Error {}

/** Begins to serve. Port 0 is any free one. Throws {@link PortError}. */
export async function serve(answers: Answers, port: number): Promise<Explorer> {
  const token = randomBytes(24).toString("base64url");
  const page = pageDocument({ kind: "live", scene: answers.session.scene });
  const server = createServer((request, response) => {
    void handle(request, response).catch((error: unknown) => {
      if (!response.headersSent) reply(response, 500, { error: error instanceof Error ? error.message : String(error) });
    });
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 60_000;
  await listen(server, port);
  const { port: actual } = server.address() as AddressInfo;
  const hosts = [`127.0.0.1:${actual}`, `localhost:${actual}`];

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A page from elsewhere whose name was pointed at this machine has that name in its Host header.
    if (!hosts.includes(request.headers.host ?? "")) return reply(response, 403, { error: "this server answers to 127.0.0.1 only" });
    const [, given = "", ...rest] = (request.url ?? "/").replace(/[?#].*$/u, "").split("/");
    if (!sameText(given, token)) return reply(response, 404, { error: "not found; open the address that ipc-check has printed" });
    const { origin } = request.headers;
    if (origin !== undefined && !hosts.some((host) => origin === `http://${host}`))
      return reply(response, 403, { error: "the request comes from another page" });
    const path = rest.join("/");
    if (path === "") {
      if (request.method !== "GET" && request.method !== "HEAD") return reply(response, 405, { error: "the page is only to be read" });
      response.writeHead(200, {
        ...headers,
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": `${policy("live")}; frame-ancestors 'none'`,
      });
      response.end(request.method === "HEAD" ? undefined : page);
      return;
    }
    const name = path.startsWith("api/") ? path.slice(4) : "";
    const question = Object.hasOwn(questions, name) ? questions[name] : undefined;
    if (question === undefined) return reply(response, 404, { error: "not found" });
    if (request.method !== "POST" || !/^application\/json\b/u.test(request.headers["content-type"] ?? ""))
      return reply(response, 405, { error: "a question is a POST of JSON" });
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    try {
      const body = await bodyOf(request);
      if (body === null) {
        response.setHeader("Connection", "close");
        return reply(response, 413, { error: `a request has at most ${mostBytes} bytes` });
      }
      reply(response, 200, await question(answers, body, gone.signal));
    } catch (error) {
      if (error instanceof ExpressionError) return reply(response, 400, { error: error.message, at: error.at });
      if (error instanceof PathError || error instanceof ShapeError || error instanceof Refusal) return reply(response, 400, { error: error.message });
      if (error instanceof SyntaxError) return reply(response, 400, { error: "the request is no JSON" });
      throw error;
    }
  }

  return {
    url: `http://127.0.0.1:${actual}/${token}/`,
    close: () =>
      new Promise((done) => {
        answers.close();
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

const headers = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
} as const;

function reply(response: ServerResponse, status: number, body: unknown): void {
  if (response.destroyed) return;
  response.writeHead(status, { ...headers, "Content-Type": "application/json; charset=utf-8", "Content-Security-Policy": "default-src 'none'" });
  response.end(JSON.stringify(body));
}

const onPath = object<{ readonly path: string }>({ path: text });
const onNode = object<{ readonly node: string }>({ node: text });
const sought = object<{ readonly path: string; readonly expression: string }>({ path: text, expression: text });
const anyTrace = object<{ readonly trace: string; readonly name: string }>({ trace: text, name: text });
const nothing: Shape<null> = () => null;

type Question = (answers: Answers, body: unknown, signal: AbortSignal) => unknown;
const ask =
  <T>(shape: Shape<T>, answer: (answers: Answers, body: T, signal: AbortSignal) => unknown): Question =>
  (answers, body, signal) =>
    answer(answers, shape(body, ""), signal);

/** Everything that the page can ask. */
const questions: Readonly<Record<string, Question>> = {
  walk: ask(onPath, ({ session }, { path }) => session.walk(path)),
  moment: ask(onPath, ({ session }, { path }) => session.moment(path)),
  search: ask(sought, (answers, { path, expression }, signal) => answers.search(path, expression, signal)),
  check: ask(nothing, (answers, _, signal) => answers.check(signal)),
  trace: ask(anyTrace, (answers, { trace, name }) => answers.trace(trace, name)),
  overview: ask(nothing, (answers) => answers.overview()),
  places: ask(onPath, (answers, { path }) => answers.places(path)),
  node: ask(onNode, (answers, { node }) => answers.node(node)),
};

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The parsed body; null if it is too large. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size > mostBytes) return null;
    parts.push(part as Buffer);
  }
  return JSON.parse(Buffer.concat(parts).toString("utf8")) as unknown;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, fail) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") fail(new PortError(`port ${port} is in use; choose another one with --port, or leave it out for any free one`));
      else if (error.code === "EACCES")
        fail(new PortError(`port ${port} may not be used by this user; choose one above 1023 with --port, or leave it out for any free one`));
      else fail(error);
    });
    server.listen({ port, host: "127.0.0.1" }, () => done());
  });
}
