/** The most general client: placeholder filled in below. */
import type { ThreadInstance } from "../language/protocol.ts";
import type { Context } from "./context.ts";
import { reject } from "./problem.ts";
export function arbitraryBody(cx: Context, instance: ThreadInstance): void {
  void cx;
  reject("IPC199", `the arbitrary thread "${instance.name}" cannot be compiled yet`, null, null);
}
