/** Exit codes. Where several apply, the first of 70, 130, 2, 1, 3, 0 counts. */
export const exitCodes = { holds: 0, violated: 1, usage: 2, inconclusive: 3, internal: 70, interrupted: 130 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const precedence: readonly ExitCode[] = [70, 130, 2, 1, 3, 0];

/** The code for several results together. */
export function worst(codes: readonly ExitCode[]): ExitCode {
  return precedence.find((code) => codes.includes(code)) ?? exitCodes.holds;
}

/** A mistake in the command line or in a file that it names; exit 2. */
export class UsageError extends Error {}
