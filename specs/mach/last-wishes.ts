/**
 * What is told when a port dies. A client holds a send right to an object and waits at a port of its own for news of it: the
 * kernel tells of the dead name only those who have asked. The server destroys the object, or ends as a whole while a
 * request of its own for no-senders still stands.
 */
import { int, protocol } from "ipc-check";
import * as mach from "ipc-check/kernels/mach";

const { kernel, port, task } = mach.system({ message: int(0, 0), slots: 2, references: 2 });
const objects = {
  thing: port({ limit: 1 }),
  news: port({ limit: 2 }),
  wishes: port({ limit: 1 }),
  server: task({ receive: ["thing", "wishes"] }),
  client: task({ receive: ["news"], send: ["thing"] }),
};

const variant = (name: string, asks: boolean, terminates: boolean, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    kernel,
    objects,
    threads: {
      serving: {
        *run({ server, thing, wishes }) {
          yield* server.requestNoSenders(thing.name, wishes.name);
          if (terminates) yield* server.terminate();
          else yield* server.destroy(thing.name);
        },
      },
      using: {
        *run({ client, thing, news }) {
          if (asks && (yield* client.requestDeadName(thing.name, news.name)).error !== "none") return;
          yield* client.receive(news.name);
        },
      },
    },
    expect,
  });

export const broken = variant("a client that does not ask, and an object that is destroyed", false, false, { violated: "deadlock" });
export const repaired = variant("a client that asks, and an object that is destroyed", true, false, "holds");
export const ended = variant("a client that asks, and a server that ends", true, true, "holds");
