/** The kernels of random protocols. A new kernel is one file here and one entry in this list. */
import type { RandomKernel } from "./kernel.ts";
import { exec } from "./exec.ts";
import { fiasco } from "./fiasco.ts";
import { genode } from "./genode.ts";
import { k42 } from "./k42.ts";
import { l4, l4x2 } from "./l4.ts";
import { lwkt } from "./lwkt.ts";
import { mach } from "./mach.ts";
import { minix } from "./minix.ts";
import { nemesis } from "./nemesis.ts";
import { qnx } from "./qnx.ts";
import { sel4, sel4Mcs } from "./sel4.ts";
import { shm, shmRequeue } from "./shm.ts";

export const kernels: readonly RandomKernel[] = [shm, l4, l4x2, qnx, sel4, sel4Mcs, mach, minix, genode, fiasco, lwkt, k42, exec, shmRequeue, nemesis];
