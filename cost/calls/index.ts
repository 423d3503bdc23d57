/** The kernels that are compared by a call and its reply. */
import type { Calling } from "./call.ts";
import { calling as exec } from "./exec.ts";
import { calling as fiasco } from "./fiasco.ts";
import { calling as genode } from "./genode.ts";
import { calling as k42 } from "./k42.ts";
import { calling as l4 } from "./l4.ts";
import { calling as lwkt } from "./lwkt.ts";
import { calling as mach } from "./mach.ts";
import { calling as minix } from "./minix.ts";
import { calling as nemesis } from "./nemesis.ts";
import { calling as qnx } from "./qnx.ts";
import { calling as sel4 } from "./sel4.ts";
import { calling as shm } from "./shm.ts";

export type { Calling } from "./call.ts";

/** In the order in which tables have them. */
export const callings: readonly Calling[] = [l4, fiasco, sel4, qnx, minix, mach, lwkt, genode, exec, nemesis, k42, shm];
