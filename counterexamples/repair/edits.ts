/** Edits of a source text that keep track of where everything was, and the unified diff between two texts. */

/** Replaces `remove` characters at `offset` of the original text. */
export interface Edit {
  readonly offset: number;
  readonly remove: number;
  readonly insert: string;
}

export interface Edited {
  readonly text: string;
  /** The offset in the original text of an offset in `text`; inside an insertion, that of its place. */
  original(offset: number): number;
}

/** Applies edits that do not overlap; of two at one offset, the first stays first. */
export function applyEdits(text: string, edits: readonly Edit[]): Edited {
  const ordered = edits.map((edit, index) => ({ edit, index })).sort((a, b) => a.edit.offset - b.edit.offset || a.index - b.index);
  const pieces: string[] = [];
  /** Where each kept piece begins: in the new text, in the old one, and how long it is. */
  const kept: { readonly at: number; readonly from: number; readonly length: number }[] = [];
  let from = 0;
  let at = 0;
  const keep = (to: number): void => {
    kept.push({ at, from, length: to - from });
    pieces.push(text.slice(from, to));
    at += to - from;
    from = to;
  };
  for (const { edit } of ordered) {
    keep(Math.max(from, edit.offset));
    pieces.push(edit.insert);
    at += edit.insert.length;
    from = Math.max(from, edit.offset + edit.remove);
  }
  keep(text.length);
  return {
    text: pieces.join(""),
    original: (offset) => {
      const piece = kept.findLast((each) => each.at <= offset);
      return piece === undefined ? 0 : piece.from + Math.min(offset - piece.at, piece.length);
    },
  };
}

/** Unified diff with three lines of context; empty if the texts are equal. */
export function unifiedDiff(name: string, before: string, after: string): string {
  const old = before.split("\n");
  const now = after.split("\n");
  const script = lineScript(old, now);
  const hunks: { readonly from: number; readonly to: number }[] = [];
  for (const [index, { kind }] of script.entries()) {
    if (kind === " ") continue;
    const last = hunks.at(-1);
    const from = Math.max(0, index - 3);
    const to = Math.min(script.length, index + 4);
    if (last !== undefined && from <= last.to) hunks[hunks.length - 1] = { from: last.from, to };
    else hunks.push({ from, to });
  }
  if (hunks.length === 0) return "";
  const body = hunks.flatMap(({ from, to }) => {
    const lines = script.slice(from, to);
    const before_ = script.slice(0, from);
    const count = (part: typeof script, without: string): number => part.filter(({ kind }) => kind !== without).length;
    return [
      `@@ -${count(before_, "+") + 1},${count(lines, "+")} +${count(before_, "-") + 1},${count(lines, "-")} @@`,
      ...lines.map(({ kind, text }) => `${kind}${text}`),
    ];
  });
  return `${[`--- a/${name}`, `+++ b/${name}`, ...body].join("\n")}\n`;
}

/** A shortest edit script by lines, from the longest common subsequence; equal beginnings and ends are cut off first. */
function lineScript(old: readonly string[], now: readonly string[]): readonly { readonly kind: " " | "-" | "+"; readonly text: string }[] {
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const a = old.slice(head, old.length - tail);
  const b = now.slice(head, now.length - tail);
  const longest: number[][] = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number): number => longest[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) (longest[i] as number[])[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const script: { readonly kind: " " | "-" | "+"; readonly text: string }[] = old.slice(0, head).map((text) => ({ kind: " ", text }));
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      script.push({ kind: " ", text: a[i] as string });
      i++;
      j++;
    } else if (i < a.length && (j === b.length || at(i + 1, j) >= at(i, j + 1))) script.push({ kind: "-", text: a[i++] as string });
    else script.push({ kind: "+", text: b[j++] as string });
  }
  return [...script, ...old.slice(old.length - tail).map((text) => ({ kind: " " as const, text }))];
}
