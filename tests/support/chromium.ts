/** A browser without a window, if there is one: Debian's Chromium, or what the environment variable CHROMIUM names. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const path = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
export const hasChromium: boolean = existsSync(path);
if (!hasChromium && process.env["IPC_CHECK_REQUIRE_TOOLS"] === "1") throw new Error("chromium is required here: apt-get install chromium");

/** Starts it. Its own sandbox needs rights that containers do not give. */
export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: path, args: ["--no-sandbox", "--disable-gpu"] });
}
