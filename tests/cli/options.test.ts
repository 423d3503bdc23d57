import { describe, expect, test } from "vitest";
import { worst } from "../../dist/cli/exit.js";
import { combinations, count, memory, parameter, seconds } from "../../dist/cli/options.js";
import { progressLine } from "../../dist/cli/progress.js";
import { globPattern } from "../../dist/cli/targets.js";
import { bytes, duration, estimated, exact, short } from "../../dist/cli/units.js";

describe("values of options", () => {
  test("a parameter is a value, a range or a list", () => {
    expect(parameter("clients=3")).toEqual({ clients: [3] });
    expect(parameter("clients=1..4", { size: [2] })).toEqual({ size: [2], clients: [1, 2, 3, 4] });
    expect(parameter("n=-2..0")).toEqual({ n: [-2, -1, 0] });
    expect(parameter("n=1,4..5,1")).toEqual({ n: [1, 4, 5] });
  });

  test.each(["clients", "=3", "clients=", "clients=a", "clients=5..1", "clients=1..100000", "clients=1.5", "9=1"])("%s is no parameter", (text) => {
    expect(() => parameter(text)).toThrow();
  });
  test("a parameter is given once", () => {
    expect(() => parameter("a=1", parameter("a=2"))).toThrow(/twice/);
  });

  test("a sweep is every combination, the last running fastest", () => {
    expect(combinations({ a: [1, 2], b: [3, 4] })).toEqual([
      { a: 1, b: 3 },
      { a: 1, b: 4 },
      { a: 2, b: 3 },
      { a: 2, b: 4 },
    ]);
    expect(combinations({})).toEqual([{}]);
  });

  test("counts, times and sizes", () => {
    expect(count("1_000")).toBe(1000);
    expect([seconds("90"), seconds("1.5s"), seconds("5m"), seconds("2h")]).toEqual([90, 1.5, 300, 7200]);
    expect([memory("512M"), memory("2G"), memory("1000"), memory("1.5kB")]).toEqual([512e6, 2e9, 1000, 1500]);
    for (const wrong of ["0", "-1", "1e5", "ten", ""]) expect(() => count(wrong), wrong).toThrow();
    for (const wrong of ["0", "5d", ""]) expect(() => seconds(wrong), wrong).toThrow();
    for (const wrong of ["0", "5T", "M"]) expect(() => memory(wrong), wrong).toThrow();
  });
});

test("the first of 70, 130, 2, 1, 3, 0 is the exit code", () => {
  expect(worst([0, 3, 1])).toBe(1);
  expect(worst([1, 2, 3])).toBe(2);
  expect(worst([2, 130])).toBe(130);
  expect(worst([130, 70, 0])).toBe(70);
  expect(worst([3, 0])).toBe(3);
  expect(worst([])).toBe(0);
});

test.each([
  ["specs/**/*.ts", ["specs/a.ts", "specs/l4/a.ts", "specs/l4/x/b.ts"], ["specs/a.js", "other/a.ts", "a.ts"]],
  ["specs/*.ts", ["specs/a.ts"], ["specs/l4/a.ts"]],
  ["{a,b}/?.ts", ["a/x.ts", "b/y.ts"], ["c/x.ts", "a/xy.ts"]],
  ["**", ["a", "a/b.ts"], []],
  ["s[a-c]x.ts", ["sbx.ts"], ["sdx.ts"]],
  ["[!a]*.ts", ["b.ts"], ["a.ts"]],
  ["a+(b).ts", ["a+(b).ts"], ["aab.ts"]],
])("the pattern %s", (pattern, yes, no) => {
  for (const path of yes) expect(globPattern(pattern).test(path), path).toBe(true);
  for (const path of no) expect(globPattern(pattern).test(path), path).toBe(false);
});

test("figures as people read them", () => {
  expect([short(950), short(12_345), short(5_812_345), short(2e9)]).toEqual(["950", "12.3 k", "5.81 M", "2.00 G"]);
  expect([exact(5), exact(1234), exact(5_812_345)]).toEqual(["5", "1 234", "5 812 345"]);
  expect([bytes(10), bytes(2_500_000), bytes(1.2e9)]).toEqual(["10 B", "2.50 MB", "1.20 GB"]);
  expect([duration(0.004), duration(1.234), duration(61), duration(200)]).toEqual(["4 ms", "1.23 s", "61.0 s", "3 min 20 s"]);
});

describe("progress", () => {
  const state = (seconds: number, states: number) => ({
    states,
    transitions: 2 * states,
    depth: 7,
    frontier: 10,
    seconds,
    memory: 5e6,
    onDisk: 0,
    estimate: null,
  });
  const record = (isTTY: boolean) => {
    const written: string[] = [];
    let time = 0;
    const line = progressLine({ isTTY, color: false, width: 120, write: (text) => void written.push(text), style: (_, text) => text }, "name", () => time);
    return {
      written,
      line,
      at(seconds: number, states: number) {
        time = seconds * 1000;
        line.show(state(seconds, states));
      },
    };
  };

  test("rewrites one line a second on a terminal, and removes it", () => {
    const { written, line, at } = record(true);
    for (const seconds of [1, 1.2, 1.5, 2, 3]) at(seconds, seconds * 1000);
    line.clear();
    expect(written).toHaveLength(4);
    expect(written[1]).toBe("\r\x1b[Kname: 2000 states, 1000/s, depth 7, frontier 10, 5.00 MB, 2.00 s");
    expect(written[3]).toBe("\r\x1b[K");
  });

  test("says how many states there may be, never as if they had been counted, and what is on disk", () => {
    const { written, line } = record(true);
    line.show({ ...state(5, 12_345), estimate: { states: 60_000, low: 40_000, high: 90_000 }, onDisk: 3e9 });
    expect(written[0]).toContain("12.3 k states of perhaps 40.0 k to 90.0 k, ");
    expect(written[0]).toContain("5.00 MB and 3.00 GB on disk");
    expect(estimated({ low: 1_000_000, high: 1_000_900 })).toBe("about 1.00 M");
  });

  test("writes a plain line every ten seconds elsewhere", () => {
    const { written, line, at } = record(false);
    for (let seconds = 1; seconds <= 31; seconds++) at(seconds, seconds * 1000);
    line.clear();
    expect(written).toHaveLength(3);
    for (const text of written) expect(text).toMatch(/^name: .* states, 1000\/s, .*\n$/);
  });
});
