/**
 * Arithmetic that TLA+ does not have: the quotient without its fraction, the remainder that goes with it, and bitwise operators, written out
 * bit by bit so that no operator is recursive. `\div` rounds down, so the bits of a negative number are those of its two's
 * complement; bit 30 stands for the sign, which is enough for numbers from -2^30 to 2^30 - 1.
 */
export const division: readonly string[] = [
  "\\* @type: (Int, Int) => Int;",
  "Quotient(a, b) == LET q == (IF a < 0 THEN -a ELSE a) \\div (IF b < 0 THEN -b ELSE b) IN IF (a < 0) = (b < 0) THEN q ELSE -q",
  "\\* @type: (Int, Int) => Int;",
  "Remainder(a, b) == IF a >= 0 THEN a % (IF b < 0 THEN -b ELSE b) ELSE -((-a) % (IF b < 0 THEN -b ELSE b))",
];

const bits = [...Array(30).keys()];
const operators = [
  { name: "BitAnd", bit: (k: number): string => `Bit(a, ${2 ** k}) * Bit(b, ${2 ** k})` },
  { name: "BitOr", bit: (k: number): string => `(Bit(a, ${2 ** k}) + Bit(b, ${2 ** k}) - Bit(a, ${2 ** k}) * Bit(b, ${2 ** k}))` },
  { name: "BitXor", bit: (k: number): string => `((Bit(a, ${2 ** k}) + Bit(b, ${2 ** k})) % 2)` },
];

/** Those that the text uses. */
export function bitwiseOperators(text: string): readonly string[] {
  const used = operators.filter(({ name }) => text.includes(`${name}(`));
  if (used.length === 0) return [];
  return [
    "\\* @type: (Int, Int) => Int;",
    "Bit(a, weight) == (a \\div weight) % 2",
    ...used.flatMap(({ name, bit }) => [
      "\\* @type: (Int, Int) => Int;",
      `${name}(a, b) == ${bits.map((k) => `${2 ** k} * ${bit(k)}`).join(" + ")} - ${2 ** 30} * ${bit(30)}`,
    ]),
  ];
}
