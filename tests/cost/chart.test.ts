/** The chart: well-formed, escaped, self-contained, readable on light and dark ground, and true to the numbers. */
import { expect, test } from "vitest";
import { noCycles, type BarGroup, chart } from "../../dist/cost/index.js";

const cycles = { ...noCycles, instructions: 30, "entry and exit": 60 };
const groups: readonly BarGroup[] = [
  {
    title: "a <b> & 'c' on \u0000machine",
    bars: [
      { label: 'client: "ipc.call" <script>alert(1)</script>', cycles, waiting: 10 },
      { label: "server", cycles: { ...cycles, instructions: 15, "entry and exit": 30 }, waiting: 0 },
    ],
  },
];

/** A small check that every element is closed where it must be, and that no markup came in by a label. */
function elements(svg: string): readonly string[] {
  const open: string[] = [];
  const seen: string[] = [];
  for (const [, closing, name = "", empty] of svg.matchAll(/<(\/?)([a-zA-Z]+)(?:\s[^<>]*?)?(\/?)>/gu)) {
    if (closing === "/") expect(open.pop()).toBe(name);
    else {
      seen.push(name);
      if (empty !== "/") open.push(name);
    }
  }
  expect(open).toEqual([]);
  return seen;
}

test("labels cannot break out of the picture", () => {
  const svg = chart("title & more", groups);
  expect(new Set(elements(svg))).toEqual(new Set(["svg", "style", "text", "rect", "title"]));
  expect(svg).not.toContain("<script");
  expect(svg).not.toContain("\u0000");
  expect(svg).toContain("title &amp; more");
});

test("it loads nothing and suits both grounds", () => {
  const svg = chart("title", groups);
  expect(svg.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|url\(|href/u);
  expect(svg).toContain("prefers-color-scheme: dark");
});

test("bars are as long as what they stand for, in one scale", () => {
  const svg = chart("title", groups);
  const widths = [...svg.matchAll(/<rect x="[\d.]+" y="[\d.]+" width="([\d.]+)" height="14"/gu)].map(([, width]) => Number(width));
  const [entry, instructions, waiting, halfEntry, halfInstructions] = widths;
  expect(widths).toHaveLength(5);
  expect(entry).toBeCloseTo(2 * (instructions ?? 0), 1);
  expect(instructions).toBeCloseTo(3 * (waiting ?? 0), 1);
  expect(halfEntry).toBeCloseTo((entry ?? 0) / 2, 1);
  expect(halfInstructions).toBeCloseTo((instructions ?? 0) / 2, 1);
  expect(svg).toContain(">100</text>");
  expect(svg).toContain(">45.0</text>");
});

test("causes that nothing was spent on have no place in the legend", () => {
  const svg = chart("title", groups);
  expect(svg).toContain(">instructions</text>");
  expect(svg).toContain(">waiting</text>");
  expect(svg).not.toContain(">copy</text>");
});
