/** The parts of a machine that can be shown. */
export const parts = ["cpu", "cache", "kernel", "memory"] as const;
export type Part = (typeof parts)[number];
