// The protocols that are measured, of different kernels and shapes, from 10^4 to 10^8 states.

/**
 * A case: `parameters` of the specification; `quick` are those of --quick; `twin` is the same protocol written by hand for
 * SPIN, with its definitions; `large` says that only --large runs it, and then once, with what can do it in that memory.
 */
export const cases = [
  {
    name: "queue",
    title: "queue: tasks fill a bounded Mach port",
    spec: "bench/specs/queue.ts",
    parameters: { senders: 4, work: 6 },
    quick: { senders: 2, work: 1 },
  },
  {
    name: "channel",
    title: "channel: clients and a device at a QNX channel",
    spec: "bench/specs/channel.ts",
    parameters: { clients: 4 },
    quick: { clients: 2 },
  },
  {
    name: "mutex",
    title: "mutex: threads, one futex",
    spec: "bench/specs/mutex.ts",
    parameters: { users: 6 },
    quick: { users: 3 },
    twin: { model: "bench/promela/mutex.pml", definitions: ({ users }) => ({ N: users }) },
  },
  {
    name: "rpc",
    title: "rpc: clients call one L4 server",
    spec: "bench/specs/rpc.ts",
    parameters: { clients: 4, work: 20 },
    quick: { clients: 3, work: 4 },
    twin: { model: "bench/promela/rpc.pml", definitions: ({ clients, work }) => ({ N: clients, WORK: work }) },
  },
  {
    name: "ring",
    title: "ring: two processors, shared memory",
    spec: "bench/specs/ring.ts",
    parameters: { slots: 7 },
    quick: { slots: 2 },
  },
  {
    name: "rpc5",
    title: "rpc5: the same with one client more",
    spec: "bench/specs/rpc.ts",
    parameters: { clients: 5, work: 33 },
    quick: { clients: 4, work: 2 },
    twin: { model: "bench/promela/rpc.pml", definitions: ({ clients, work }) => ({ N: clients, WORK: work }) },
    large: true,
  },
];
