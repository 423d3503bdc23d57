/** Long work in a server that must go on answering: a pause now and then lets everything else have its turn. */
import { setImmediate } from "node:timers/promises";

/** Milliseconds of work between two pauses. */
const breath = 25;

/** A function to be awaited often: most times it does nothing. Gives the milliseconds since the work began. */
export function breather(): () => Promise<number> {
  const began = performance.now();
  let last = began;
  return async () => {
    if (performance.now() - last > breath) {
      await setImmediate();
      last = performance.now();
    }
    return last - began;
  };
}
