/** Conditions of litmus tests: `0:r0=1 /\ (x=2 \/ 1:r1=0)`; `/\` binds tighter than `\/`. */

export type Valuation = (name: string) => number;

/** Parses a condition into a predicate over the final values. */
export function parseCondition(text: string): (value: Valuation) => boolean {
  const tokens = text.match(/\/\\|\\\/|[()=]|[^\s()=\\/]+/g) ?? [];
  let at = 0;
  const expect = (token: string): void => {
    if (tokens[at++] !== token) throw new SyntaxError(`expected ${token} before token ${at} of ${text}`);
  };
  const atom = (): ((value: Valuation) => boolean) => {
    if (tokens[at] === "(") {
      at++;
      const inner = disjunction();
      expect(")");
      return inner;
    }
    const name = tokens[at++];
    expect("=");
    const wanted = Number(tokens[at++]);
    if (name === undefined || !Number.isInteger(wanted)) throw new SyntaxError(`no equation before token ${at} of ${text}`);
    return (value) => value(name) === wanted;
  };
  const conjunction = (): ((value: Valuation) => boolean) => {
    const parts = [atom()];
    while (tokens[at] === "/\\") {
      at++;
      parts.push(atom());
    }
    return (value) => parts.every((part) => part(value));
  };
  const disjunction = (): ((value: Valuation) => boolean) => {
    const parts = [conjunction()];
    while (tokens[at] === "\\/") {
      at++;
      parts.push(conjunction());
    }
    return (value) => parts.some((part) => part(value));
  };
  const condition = disjunction();
  if (at !== tokens.length) throw new SyntaxError(`token ${at + 1} of ${text} is one too many`);
  return condition;
}
