/** A plain table: columns as wide as their content, two spaces between them. */
import { stripVTControlCharacters } from "node:util";
import type { Stream } from "./terminal.ts";

const width = (text: string): number => stripVTControlCharacters(text).length;

/** `right`: positions of columns of figures. Columns without content are left out. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], stream: Stream, right: readonly number[] = []): string {
  const used = head.map((_, column) => column).filter((column) => rows.some((row) => (row[column] ?? "") !== ""));
  const widths = head.map((title, column) => Math.max(width(title), ...rows.map((row) => width(row[column] ?? ""))));
  const line = (cells: readonly string[]): string =>
    used
      .map((column) => {
        const cell = cells[column] ?? "";
        const padding = " ".repeat((widths[column] ?? 0) - width(cell));
        return right.includes(column) ? padding + cell : cell + padding;
      })
      .join("  ")
      .trimEnd();
  return `${[stream.style("dim", line(head)), ...rows.map(line)].join("\n")}\n`;
}
