/**
 * Rights that lie in messages. A client sends its only right to a thing to a mail port; when that port is destroyed the message
 * goes with it, and the right too, so that the owner of the thing learns that it has no senders. A client that could not send
 * has the right still, and must give it up itself, at the latest by its own end. Who has sent its right away is no longer told of the dead name.
 */
import { check, int, protocol } from "ipc-check";
import * as mach from "ipc-check/kernels/mach";

const variant = (name: string, tidy: boolean, options: Partial<mach.Options<number>>, expect: "holds" | { readonly violated: "deadlock" }) => {
  const { kernel, port, task } = mach.system({ message: int(0, 0), slots: 2, references: 2, ...options });
  return protocol(name, {
    kernel,
    objects: {
      thing: port({ limit: 1 }),
      wishes: port({ limit: 1 }),
      mail: port({ limit: 1 }),
      owner: task({ receive: ["thing", "wishes"] }),
      postman: task({ receive: ["mail"] }),
      client: task({ send: ["thing", "mail"] }),
    },
    threads: {
      owning: {
        *run({ owner, thing, wishes }) {
          yield* owner.requestNoSenders(thing.name, wishes.name);
          const note = yield* owner.receive(wishes.name);
          check(note.error === "none" && note.id === "no-senders", "the last sender is gone");
        },
      },
      closing: {
        *run({ postman, mail }) {
          yield* postman.destroy(mail.name);
        },
      },
      sending: {
        *run({ client, thing, mail }) {
          const { error } = yield* client.send(mail.name, 0, { how: "move-send", right: thing.name });
          if (tidy && error !== "none") yield* client.terminate();
        },
      },
    },
    expect,
  });
};

export const broken = variant("a right that could not be sent", false, {}, { violated: "deadlock" });
export const repaired = variant("a right that is sent or given up", true, {}, "holds");
export const repairedOnXnu = variant("a right that is sent or given up, on XNU", true, { personality: "xnu" }, "holds");

const { kernel, port, task } = mach.system({ message: int(0, 0), slots: 2, references: 2 });

/** One thread plays all parts, so that there is one order of events. */
export const moved = protocol("a dead-name request whose right has moved away", {
  kernel,
  objects: {
    service: port({ limit: 1 }),
    news: port({ limit: 1 }),
    mail: port({ limit: 1 }),
    server: task({ receive: ["service"] }),
    client: task({ receive: ["news"], send: ["service", "mail"] }),
    other: task({ receive: ["mail"] }),
  },
  threads: {
    only: {
      *run({ server, client, other, service, news, mail }) {
        yield* client.requestDeadName(service.name, news.name);
        yield* client.send(mail.name, 0, { how: "move-send", right: service.name });
        yield* server.destroy(service.name);
        const note = yield* client.receive(news.name, { timeout: "zero" });
        check(note.error === "receive-timed-out", "who has no name is told of no death");
        const got = yield* other.receive(mail.name, { timeout: "zero" });
        check(got.error === "none" && got.right === mach.dead, "the right has died on its way");
        const gone = yield* client.deallocate(service.name);
        check(gone.error === "invalid-name", "nothing is left of it");
      },
    },
  },
  expect: "holds",
});
