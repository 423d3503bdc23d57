/** A protected procedure call between two dispatchers, for ever. */
import { int, protocol } from "ipc-check";
import * as k42 from "ipc-check/kernels/k42";

const { kernel, dispatcher } = k42.system({ message: int(0, 7), buffer: 1, handlers: 1 });

export default protocol("calls between dispatchers", {
  kernel,
  objects: { files: dispatcher(), users: dispatcher() },
  threads: {
    server: {
      *run({ files }) {
        while (true) {
          const request = yield* files.accept();
          if (request.kind !== "message") yield* files.reply(request.caller, request.message);
        }
      },
    },
    client: {
      *run({ users, files }) {
        while (true) yield* users.call(files, 3);
      },
    },
  },
});
