/** Taking what an earlier run has derived from the same specification in place of deriving it again. */

/** Takes what is kept under this name, or makes it and keeps it. Plain data only: prototypes are lost. */
export type Keep = <T>(name: string, make: () => T | Promise<T>) => Promise<T>;

/** Keeps nothing. */
export const anew: Keep = async (_, make) => make();
