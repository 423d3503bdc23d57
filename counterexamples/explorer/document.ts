/**
 * The page as one document: markup, style, script and what it begins with. The same for the server and for a file; its
 * content security policy allows this style and this script by their hashes, and nothing else.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { toolRoot } from "../../model/loader/tool.ts";
import { xml } from "../export/xml.ts";
import type { PageData } from "./view.ts";

interface Assets {
  readonly script: string;
  readonly style: string;
}
let assets: Assets | null = null;

/** What the build has made for the browser. */
function read(): Assets {
  const text = (name: string): string => readFileSync(join(toolRoot, "dist/counterexamples/explorer/page", name), "utf8").trim();
  assets ??= { script: text("main.js"), style: text("style.css") };
  return assets;
}

function hash(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** What the page may do: run its own script, use its own style, and, where there is a server, ask that. */
export function policy(kind: PageData["kind"]): string {
  const { script, style } = read();
  return [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    ...(kind === "live" ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

/** JSON inside of a script element: nothing in it can end the element or begin a comment. */
function embedded(data: PageData): string {
  return JSON.stringify(data).replace(/[<>&\u2028\u2029]/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The whole page. */
export function pageDocument(data: PageData): string {
  const { script, style } = read();
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${xml(policy(data.kind))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${xml(data.scene.protocol)} – ipc-check</title>
<style>${style}</style>
</head>
<body>
<noscript>This page needs JavaScript.</noscript>
<script type="application/json" id="data">${embedded(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}
