import type { KernelHost, MachinePath } from "../common/path.ts";
export default function qnxPath(_: KernelHost): MachinePath {
  return { calls: {}, interrupts: {}, blocking: () => null, forget: () => {}, project: () => ({}), audit: () => [] };
}
