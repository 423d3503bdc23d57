/** Every kernel of random protocols conforms. `IPC_CHECK_SEED` chooses other protocols, `IPC_CHECK_RUNS` how many. */
import { kernels } from "../random/kernels/index.ts";
import { conformance } from "./harness.ts";

for (const [number, kernel] of kernels.entries()) conformance(kernel, number);
