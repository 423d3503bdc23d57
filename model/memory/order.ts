/** What the memory orders of C11 mean, half by half. */
import type { Order } from "../language/memory.ts";

/** The order of a failed compare-and-exchange of which only one order is given: its acquire half. */
export function failureOrder(order: Order): Order {
  return order === "acq_rel" ? "acquire" : order === "release" ? "relaxed" : order;
}

/** Acquire half and release half of an order. */
export const acquires = (order: Order | "plain"): boolean => order === "acquire" || order === "acq_rel" || order === "seq_cst";
export const releases = (order: Order | "plain"): boolean => order === "release" || order === "acq_rel" || order === "seq_cst";
