/** Formulas of linear temporal logic (Pnueli 1977) over numbered atoms, and their negation normal form. */

export type Formula =
  | { readonly op: "true" }
  | { readonly op: "false" }
  | { readonly op: "atom"; readonly atom: number }
  | { readonly op: "not"; readonly of: Formula }
  | { readonly op: "and"; readonly left: Formula; readonly right: Formula }
  | { readonly op: "or"; readonly left: Formula; readonly right: Formula }
  | { readonly op: "next"; readonly of: Formula }
  /** The right one at some time, the left one until then. */
  | { readonly op: "until"; readonly left: Formula; readonly right: Formula }
  /** The right one up to and including the time at which the left one is true, or for ever. */
  | { readonly op: "release"; readonly left: Formula; readonly right: Formula };

export const truth: Formula = { op: "true" };
export const falsity: Formula = { op: "false" };
export const not = (of: Formula): Formula => ({ op: "not", of });
export const and = (left: Formula, right: Formula): Formula => ({ op: "and", left, right });
export const or = (left: Formula, right: Formula): Formula => ({ op: "or", left, right });
export const eventually = (of: Formula): Formula => ({ op: "until", left: truth, right: of });
export const always = (of: Formula): Formula => ({ op: "release", left: falsity, right: of });

/** The same with `not` before atoms only; of the negation, if `negative`. */
export function normalForm(formula: Formula, negative: boolean = false): Formula {
  const inside = (part: Formula): Formula => normalForm(part, negative);
  switch (formula.op) {
    case "true":
    case "false":
      return negative === (formula.op === "true") ? falsity : truth;
    case "atom":
      return negative ? not(formula) : formula;
    case "not":
      return normalForm(formula.of, !negative);
    case "next":
      return { op: "next", of: inside(formula.of) };
    case "and":
    case "or": {
      const [left, right] = [inside(formula.left), inside(formula.right)];
      const conjunction = negative === (formula.op === "or");
      // What is true or false at once need not be carried along.
      for (const [one, other] of [
        [left, right],
        [right, left],
      ] as const) {
        if (one.op === "true") return conjunction ? other : truth;
        if (one.op === "false") return conjunction ? falsity : other;
      }
      return conjunction ? and(left, right) : or(left, right);
    }
    case "until":
    case "release": {
      const [left, right] = [inside(formula.left), inside(formula.right)];
      if (right.op === "true" || right.op === "false") return right;
      return { op: negative === (formula.op === "release") ? "until" : "release", left, right };
    }
  }
}

/** The numbers of a formula's atoms, ascending. */
export function atomsOf(formula: Formula): readonly number[] {
  const found = new Set<number>();
  const visit = (part: Formula): void => {
    if (part.op === "atom") found.add(part.atom);
    if ("of" in part) visit(part.of);
    if ("left" in part) {
      visit(part.left);
      visit(part.right);
    }
  };
  visit(formula);
  return [...found].sort((a, b) => a - b);
}

/** Whether the formula looks at the very next state, so that waiting makes a difference. */
export function hasNext(formula: Formula): boolean {
  if (formula.op === "next") return true;
  if ("of" in formula) return hasNext(formula.of);
  return "left" in formula && (hasNext(formula.left) || hasNext(formula.right));
}

/** A formula in SPIN's notation, with parentheses wherever there is an operator of two sides. */
export function formulaText(formula: Formula, name: (atom: number) => string): string {
  const text = (part: Formula): string => formulaText(part, name);
  switch (formula.op) {
    case "true":
    case "false":
      return formula.op;
    case "atom":
      return name(formula.atom);
    case "not":
      return `!${text(formula.of)}`;
    case "next":
      return `X ${text(formula.of)}`;
    case "and":
      return `(${text(formula.left)} && ${text(formula.right)})`;
    case "or":
      return `(${text(formula.left)} || ${text(formula.right)})`;
    case "until":
      return formula.left.op === "true" ? `<>${text(formula.right)}` : `(${text(formula.left)} U ${text(formula.right)})`;
    case "release":
      return formula.left.op === "false" ? `[]${text(formula.right)}` : `(${text(formula.left)} V ${text(formula.right)})`;
  }
}
