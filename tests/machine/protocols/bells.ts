/** A kernel with a device on each CPU, and a thread that fails. */
import { bool, check, int, kernel, perCpu, protocol } from "ipc-check";

const bell = perCpu("bell", { rung: bool() });

export default protocol("bells", {
  kernel: kernel({
    name: "bells",
    cpus: 2,
    state: [bell],
    operations: [],
    background: {
      ring: {
        each: "cpu",
        when: (k) => !k.of(bell, k.cpu).rung,
        do: (k) => {
          k.of(bell, k.cpu).rung = true;
        },
      },
    },
    api: {},
  }),
  memory: { x: int(0, 1) },
  threads: {
    listener: {
      cpu: 0,
      *run({ x }) {
        const value = yield* x.read();
        check(value === 1, "no bell");
      },
    },
  },
});
