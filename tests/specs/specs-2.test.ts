/** The second half of the specs library. */
import { library } from "./library.ts";

await library("minix", "nemesis", "qnx", "sel4", "shm");
