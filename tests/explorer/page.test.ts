/** The page itself, in a browser without a window: with the server, and from a file. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { traceFormats } from "../../dist/counterexamples/export/index.js";
import { type Explorer, serve } from "../../dist/counterexamples/explorer/server.js";
import type { Trace } from "../../dist/counterexamples/trace.js";
import { find } from "../counterexamples/found.ts";
import { hasChromium, launch } from "../support/chromium.ts";
import { open } from "./opened.ts";

describe.runIf(hasChromium)("the explorer in a browser", () => {
  let browser: Browser;
  let explorer: Explorer;
  let page: Page;
  /** Complaints of the browser: errors, refused content, requests to elsewhere. */
  let complaints: string[] = [];
  const hostage = find("specs/l4/hostage-reply.ts", "broken");
  const mutual = find("specs/l4/mutual-call.ts", "broken");
  const folder = mkdtempSync(join(tmpdir(), "ipc-check-page-"));

  beforeAll(async () => {
    browser = await launch();
    explorer = await serve((await open("specs/l4/hostage-reply.ts", "broken")).answers, 0);
  }, 60_000);
  afterAll(async () => {
    await explorer.close();
    await browser.close();
    rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  async function visit(url: string, options: { readonly width?: number; readonly host?: string } = {}): Promise<void> {
    complaints = [];
    const context = await browser.newContext({ viewport: { width: options.width ?? 1400, height: 900 } });
    page = await context.newPage();
    page.setDefaultTimeout(10_000);
    // That a question was refused is logged as well; the page says it in words.
    page.on("console", (message) => message.text().includes("400 (Bad Request)") || complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      const asked = request.url();
      if (!asked.startsWith(options.host ?? explorer.url) && !asked.startsWith("file:")) complaints.push(`request to ${asked}`);
    });
    page.on("dialog", (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(url);
    await page.locator(".rows li").first().waitFor();
  }
  const position = (): Promise<string | null> => page.locator("#position").textContent();
  const at = async (step: number): Promise<void> =>
    page.waitForFunction((wanted) => document.getElementById("position")?.textContent?.startsWith(`step ${wanted} of`), step).then(() => undefined);

  test("picks steps, goes back and forth by arrow keys, undoes and redoes, and the address brings it all back", async () => {
    await visit(explorer.url);
    expect(await position()).toBe("step 0 of 0: start");
    await page.getByRole("button", { name: "ipc.send(server, 1): queue as sender" }).click();
    await at(1);
    await page.getByRole("button", { name: /ipc\.wait\(\): receive/u }).click();
    await at(2);
    expect(await page.locator(".rows li").count()).toBe(3);
    await page.keyboard.press("ArrowLeft");
    await at(1);
    expect(await position()).toContain("step 1 of 2: attacker ipc.send(server, 1)");
    expect(await page.locator(".difference li").allTextContents()).toContain("ipc.senders[server] [] → [attacker]");
    await page.keyboard.press("Home");
    await at(0);
    await page.keyboard.press("End");
    await at(2);
    const link = page.url();
    await page.keyboard.press("Control+z");
    await at(1);
    expect(await position()).toContain("of 1:");
    await page.keyboard.press("Control+y");
    await at(2);
    expect(await page.locator(".reproduce code").textContent()).toBe(`ipc-check explore specs/l4/hostage-reply.ts --path ${link.split("#path=")[1]}`);
    await visit(link);
    expect(await position()).toContain("step 2 of 2: server ipc.wait()");
    await page.goto(`${link}&at=1`);
    await at(1);
  });

  test("takes steps by keyboard alone and keeps the focus among the steps", async () => {
    await visit(explorer.url);
    await page.locator(".move").first().focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await at(1);
    expect(await page.evaluate(() => document.activeElement?.className)).toContain("move");
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle);
    expect(outline).toBe("solid");
  });

  test("checks all states, loads the counterexample, and shows who waits for whom and which property is violated", async () => {
    await visit(explorer.url);
    await page.getByRole("button", { name: "Check all states" }).click();
    await page.getByRole("button", { name: /unreplied-call.*show the counterexample/u }).click();
    await at(3);
    expect(await position()).toContain("unreplied-call");
    expect(await page.locator(".wait-for li").textContent()).toBe("server waits for attacker (polling (send phase))");
    expect(await page.locator(".properties .violated").textContent()).toContain("unreplied-call violated here");
    expect(await page.locator(".card.blocked h3").textContent()).toContain("server");
    expect(await page.locator(".queue li").allTextContents()).toEqual(["server"]);
  });

  test("shows the part of a run that repeats, and goes round in it", async () => {
    const { answers } = await open("tests/liveness/protocols/for-spin.ts", "peterson");
    const other = await serve(answers, 0);
    try {
      await visit(other.url, { host: other.url });
      await page.getByRole("button", { name: "Check all states" }).click();
      await page.getByRole("button", { name: /liveness "steady".*show the counterexample/u }).click();
      await page.locator(".rows li.repeated").first().waitFor();
      const loop = Number(new URLSearchParams(new URL(page.url()).hash.slice(1)).get("loop"));
      expect(await page.getByText("the steps after this one repeat for ever").count()).toBe(1);
      expect(await page.locator(".properties").textContent()).toContain("liveness steady is about runs");
      await page.keyboard.press("ArrowRight");
      await at(loop + 1);
      await page.keyboard.press("ArrowLeft");
      await at(loop);
    } finally {
      await other.close();
    }
  });

  test("searches for a state, and points into an expression that is wrong", async () => {
    await visit(explorer.url);
    await page.getByLabel("A state in which").fill("blocked(server) && request == 3");
    await page.keyboard.press("Enter");
    await page.getByText("there is nothing named request").waitFor();
    expect(await page.locator("#expression").getAttribute("aria-invalid")).toBe("true");
    expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).selectionStart)).toBe(19);
    await page.getByLabel("A state in which").fill("has(ipc.senders[attacker], server)");
    await page.keyboard.press("Enter");
    await page.getByText("Found 3 steps from here").waitFor();
    await at(3);
    await page.getByLabel("A state in which").fill("finished(server)");
    await page.keyboard.press("Enter");
    await page.getByText(/No state that can be reached from here satisfies it/u).waitFor();
  });

  test("draws all states, marks the way, and goes to a state by keyboard", async () => {
    await visit(explorer.url);
    await page.getByRole("button", { name: "Draw the states" }).click();
    const states = page.getByRole("listbox", { name: /States/u });
    await states.waitFor();
    expect(await page.getByRole("option").count()).toBe(22);
    await states.focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    expect(await position()).toContain("step 0");
    await page.keyboard.press("Enter");
    await at(2);
    await page.locator(".state-node.current[aria-selected=true]").waitFor();
  });

  test("an address that does not fit is refused in words, and the start is shown", async () => {
    await visit(`${explorer.url}#path=99999`);
    await page.getByRole("alert").getByText("step 1 of the path (99999) is not possible there").waitFor();
    expect(await position()).toBe("step 0 of 0: start");
  });

  test("loads a trace from a file, and says what is wrong with another file", async () => {
    const { traces } = await hostage;
    writeFileSync(join(folder, "trace.json"), JSON.stringify(traces[0]));
    writeFileSync(join(folder, "wrong.json"), "{}");
    await visit(explorer.url);
    await page.getByLabel("Counterexample from a file").setInputFiles(join(folder, "wrong.json"));
    await page.getByRole("alert").getByText("not a trace of ipc-check").waitFor();
    await page.getByLabel("Counterexample from a file").setInputFiles(join(folder, "trace.json"));
    await page.getByText("step 0 of 3").waitFor();
  });

  test("fits a narrow window, and every control has a name", async () => {
    await visit(explorer.url, { width: 360 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    const nameless = await page.evaluate(
      () =>
        [...document.querySelectorAll("button, input, summary, [role=listbox]")].filter((each) => {
          const input = each as HTMLInputElement;
          return (each.textContent ?? "").trim() === "" && (each.getAttribute("aria-label") ?? "") === "" && (input.labels?.length ?? 0) === 0;
        }).length,
    );
    expect(nameless).toBe(0);
    const headings = await page
      .locator("section")
      .evaluateAll((sections) => sections.every((each) => document.getElementById(each.getAttribute("aria-labelledby") ?? "") !== null));
    expect(headings).toBe(true);
  });

  test("text has enough contrast, dark and light", async () => {
    for (const colorScheme of ["dark", "light"] as const) {
      await visit(explorer.url);
      await page.emulateMedia({ colorScheme });
      const contrasts = await page.evaluate(() => {
        const channels = (color: string): number[] => (color.match(/[\d.]+/gu) ?? []).slice(0, 3).map(Number);
        const luminance = (color: string): number => {
          const [r = 0, g = 0, b = 0] = channels(color).map((each) => (each / 255 <= 0.04045 ? each / 255 / 12.92 : ((each / 255 + 0.055) / 1.055) ** 2.4));
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const ground = (element: Element | null): string => {
          for (let at = element; at !== null; at = at.parentElement) {
            const { backgroundColor } = getComputedStyle(at);
            if (!/rgba\(.*, 0\)|transparent/u.test(backgroundColor)) return backgroundColor;
          }
          return "rgb(255, 255, 255)";
        };
        return [...document.querySelectorAll("h1, h2, h3, p, .notes, .place, .status, .value, button, summary, dt, .number, .cpu-name, .lane")].map(
          (element) => {
            const [a, b] = [luminance(getComputedStyle(element).color), luminance(ground(element))];
            return { text: `${element.className} ${element.textContent}`, ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) };
          },
        );
      });
      expect(contrasts.length).toBeGreaterThan(20);
      expect(contrasts.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
      if (colorScheme === "dark") await page.context().close();
    }
  });

  test("a trace as a file is the same page, steps by arrow keys, and asks nobody", async () => {
    const { traces } = await mutual;
    const file = join(folder, "deadlock.html");
    const [trace] = traces;
    if (trace === undefined) throw new Error("no counterexample");
    writeFileSync(file, traceFormats.html(trace));
    expect(readFileSync(file, "utf8")).not.toContain("connect-src");
    await visit(pathToFileURL(file).href);
    expect(await position()).toContain(`step ${trace.steps.length} of ${trace.steps.length}`);
    expect(await page.locator(".story").textContent()).toContain("Circle: ");
    await page.keyboard.press("Home");
    await at(0);
    await page.keyboard.press("ArrowRight");
    await at(1);
    expect(page.url()).toContain("#at=1");
    await page.reload();
    await at(1);
    expect(await page.getByRole("button", { name: "Check all states" }).count()).toBe(0);
  });

  test("a trace of thousands of steps shows those around the current one", async () => {
    const { traces } = await mutual;
    const long = structuredClone(traces[0]) as { steps: unknown[]; decisions: unknown[] } & Trace;
    Object.assign(long, { steps: Array.from({ length: 5_000 }, () => long.steps[0]), decisions: Array.from({ length: 5_000 }, () => long.decisions[0]) });
    const file = join(folder, "long.html");
    writeFileSync(file, traceFormats.html(long));
    await visit(pathToFileURL(file).href);
    expect(await position()).toContain("step 5000 of 5000");
    expect(await page.locator(".rows li").count()).toBeLessThan(500);
    await page.getByRole("button", { name: "4800 earlier steps" }).click();
    await at(4799);
    await page.keyboard.press("Home");
    await at(0);
    await page.locator(".rows li[data-row='0'] [aria-current=step]").waitFor();
    // Keys that come faster than the page draws are not lost.
    for (let count = 0; count < 10; count++) void page.keyboard.press("ArrowRight");
    await at(10);
  });

  test("hostile names stay text, in the file and with the server", async () => {
    const evil = `</script><img src=x onerror=alert(1)>"'&<!--\u202e\u0000`;
    const { traces } = await hostage;
    const file = join(folder, "evil.html");
    const text = JSON.stringify(traces[0]);
    const renamed = JSON.parse(
      text.replaceAll("attacker", JSON.stringify(evil).slice(1, -1)).replaceAll("reply without a timeout", JSON.stringify(evil).slice(1, -1)),
    );
    writeFileSync(file, traceFormats.html(renamed));
    await visit(pathToFileURL(file).href);
    expect(await page.locator("img").count()).toBe(0);
    expect(await page.locator("h1").textContent()).toContain("</script><img src=x onerror=alert(1)>");
    expect(await page.locator("h1").textContent()).not.toContain("\u202e");
    expect(await page.locator(".lane").allTextContents()).toContain(`</script><img src=x onerror=alert(1)>"'&<!--\\x202e\\x00`);
    await page.context().close();
    const session = (await open("specs/l4/hostage-reply.ts", "broken")).answers;
    Object.assign(session.session.scene, { protocol: evil, about: [evil] });
    const hostile = await serve(session, 0);
    try {
      complaints = [];
      page = await (await browser.newContext()).newPage();
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("console", (message) => complaints.push(message.text()));
      await page.goto(hostile.url);
      await page.locator(".rows li").first().waitFor();
      expect(await page.locator("img").count()).toBe(0);
      expect(await page.locator(".about").textContent()).toContain("<img src=x");
    } finally {
      await hostile.close();
    }
  });
});
