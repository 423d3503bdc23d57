/** Values of the options of `cost`. */
import { InvalidArgumentError } from "commander";
import { count } from "./options.ts";

/** Names with commas between them. */
export function names(text: string): readonly string[] {
  const found = text.split(",").map((name) => name.trim());
  if (found.some((name) => name === "")) throw new InvalidArgumentError("It must be a name, or several with commas between them.");
  return [...new Set(found)];
}

/** Sizes of messages in bytes, with commas between them: whole words, and no more than fit with their header into the page of the message registers. */
export function sizes(text: string): readonly number[] {
  const found = names(text).map(count);
  if (found.some((bytes) => bytes % 4 !== 0 || bytes > 4000)) throw new InvalidArgumentError("They must be multiples of 4, up to 4000.");
  return found;
}
