/** A path as the address bar holds it: moves joined by `-`, each the number of its transition, and of its pick if that is not 0. */

/** A transition and which of its picks. */
interface Move {
  readonly transition: number;
  readonly pick: number;
}

/** Longer paths are refused. */
export const longestPath = 10_000;

/** `12`, or `12.3`. */
export function moveText({ transition, pick }: Move): string {
  return pick === 0 ? `${transition}` : `${transition}.${pick}`;
}

export function pathText(path: readonly Move[]): string {
  return path.map(moveText).join("-");
}

/** The moves of a path; null if the text is none. */
export function parsePath(text: string): readonly Move[] | null {
  if (text === "") return [];
  const parts = text.split("-", longestPath + 1);
  if (parts.length > longestPath || !parts.every((part) => /^\d{1,9}(\.\d{1,9})?$/u.test(part))) return null;
  return parts.map((part) => {
    const [transition, pick = "0"] = part.split(".");
    return { transition: Number(transition), pick: Number(pick) };
  });
}
