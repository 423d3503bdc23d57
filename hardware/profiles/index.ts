/** The named machines. Each number of a profile carries its source; `unit` counts events and claims nothing. */
import { type Profile, unit } from "../profile.ts";
import { alpha21064, alpha21164 } from "./alpha.ts";
import { cortexA57 } from "./cortex-a57.ts";
import { i486 } from "./i486.ts";
import { haswell, skylake } from "./intel-core.ts";
import { pentium } from "./pentium.ts";

export { type Reference, references, type ReferenceName } from "./references.ts";

/** All profiles, the oldest machine first. */
export const profiles: readonly Profile[] = [i486, pentium, alpha21064, alpha21164, cortexA57, haswell, skylake, unit];

/** The profile of this name. */
export function findProfile(name: string): Profile | null {
  return profiles.find((profile) => profile.name === name) ?? null;
}
