/** Small systems whose state spaces can be counted by hand. */
import type { System } from "../../dist/model/system/system.js";
import { always, assign, bin, c, complete, eq, finish, goTo, load, straight, SystemBuilder, temp, when } from "./build.ts";

const pcOf = (b: SystemBuilder, thread: number, locations: number): number =>
  b.variable(`t${thread}.at`, 0, locations, { role: "pc", thread, type: { kind: "location" } });

/** `threads` threads, each with a counter of its own from 0 to `rounds - 1`, round and round: rounds ** threads states. */
export function counters(threads: number, rounds: number): System {
  const b = new SystemBuilder();
  for (let t = 0; t < threads; t++) {
    const pc = pcOf(b, t, 1);
    const counter = b.variable(`count[${t}]`, 0, rounds - 1);
    const id = b.transition({ thread: t, location: 0, body: straight(assign(counter, bin("%", bin("+", load(counter), c(1)), c(rounds))), complete(c(t), 0)) });
    b.process({ pc, locations: [b.location(0, goTo(0), [id])] });
  }
  return b.build();
}

/** Test-and-set locks around a critical section; `broken` leaves out the test. */
export function mutex(threads: number, broken = false): System {
  const b = new SystemBuilder();
  const lock = b.variable("lock", 0, 1);
  const inside = b.variable("inside", 0, threads, { role: "ghost" });
  for (let t = 0; t < threads; t++) {
    const pc = pcOf(b, t, 2);
    const enter = b.transition({
      thread: t,
      location: 0,
      guard: broken ? always : when(eq(load(lock), c(0))),
      body: straight(assign(lock, c(1)), assign(inside, bin("+", load(inside), c(1))), complete(c(t), 0)),
    });
    const leave = b.transition({ thread: t, location: 1, body: straight(assign(inside, bin("-", load(inside), c(1))), assign(lock, c(0)), complete(c(t), 0)) });
    const able = Array.from({ length: threads }, () => [true, true]);
    const wait = { name: "lock", says: "waiting for the lock", kind: "lock", when: c(1), idle: c(0), until: null, wakers: [{ able, when: c(1) }] };
    b.process({ pc, locations: [b.location(0, goTo(1), [enter], { waits: [wait] }), b.location(1, goTo(0), [leave])] });
  }
  b.invariants = [{ name: "exclusion", holds: bin("<=", load(inside), c(1)), site: null }];
  return b.build();
}

/**
 * Clients that call one server by rendezvous: a call hands its number over and blocks; the server, once called, answers
 * whoever it was, whose continuation runs in the server's transition.
 */
export function rendezvous(clients: number): System {
  const b = new SystemBuilder();
  b.operations = [
    { name: "receive", results: [{ name: "from", type: { kind: "thread" } }] },
    { name: "call", results: [{ name: "answer", type: { kind: "int" } }] },
    { name: "reply", results: [] },
  ];
  const server = clients;
  const pcs = Array.from({ length: clients + 1 }, (_, t) => pcOf(b, t, 2));
  const got = Array.from({ length: clients }, (_, t) => b.variable(`answer[${t}]`, 0, 3, { role: "local", thread: t }));
  const from = b.variable("from", -1, clients - 1, { role: "local", thread: server, initial: [-1] });
  const calling = b.variable("calling", 0, 1, { role: "kernel", scope: "thread", length: clients });
  const everyone = Array.from({ length: clients + 1 }, () => [true, true]);
  const wait = {
    name: "partner",
    says: "waiting for a partner",
    kind: "receive",
    when: c(1),
    idle: c(1),
    until: null,
    wakers: [{ able: everyone, when: c(1) }],
  };
  for (let t = 0; t < clients; t++) {
    const isNew = eq(load(calling, c(t)), c(0));
    const call = b.transition({
      thread: t,
      location: 0,
      guard: when({ op: "and", left: isNew, right: eq(load(pcs[server] ?? 0), c(0)) }),
      body: straight(assign(calling, c(1), c(t)), complete(c(server), 0, c(t))),
    });
    b.process({
      pc: pcs[t] ?? 0,
      locals: [got[t] ?? 0],
      locations: [b.location(0, goTo(0, assign(got[t] ?? 0, temp(0))), [call], { operation: 1, results: 1, waits: [wait] })],
    });
  }
  const reply = b.transition({
    thread: server,
    location: 1,
    picks: 4,
    body: straight(assign(calling, c(0), load(from)), complete(c(server), 2), complete(load(from), 1, temp(0))),
  });
  b.process({
    pc: pcs[server] ?? 0,
    locals: [from],
    locations: [
      b.location(0, goTo(1, assign(from, temp(0))), [], { operation: 0, results: 1, waits: [wait] }),
      b.location(1, goTo(0, assign(from, c(-1))), [reply], { operation: 2 }),
    ],
  });
  return b.build();
}

/** A ring of `length` slots of `bits` bits each, complemented one after the other: arrays longer than a word. */
export function ring(length: number, bits: number): System {
  const b = new SystemBuilder();
  const pc = pcOf(b, 0, 1);
  const at = b.variable("at", 0, length - 1);
  const slots = b.variable("slots", 0, 2 ** bits - 1, { length });
  const next = bin("%", bin("+", load(at), c(1)), c(length));
  const turn = b.transition({
    thread: 0,
    location: 0,
    body: straight(assign(slots, bin("-", c(2 ** bits - 1), load(slots, load(at))), load(at)), assign(at, next), complete(c(0), 0)),
  });
  b.process({ pc, locations: [b.location(0, goTo(0), [turn])] });
  return b.build();
}

/** One step, then the end. */
export function oneStep(): System {
  const b = new SystemBuilder();
  const pc = pcOf(b, 0, 1);
  const go = b.transition({ thread: 0, location: 0, body: straight(complete(c(0), 0)) });
  b.process({ pc, locations: [b.location(0, finish, [go])] });
  return b.build();
}

/** Threads that each go around in an array of their own: wide states, made of parts that come again and again. */
export function rings(count: number, length: number, bits: number): System {
  const b = new SystemBuilder();
  for (let thread = 0; thread < count; thread++) {
    const pc = pcOf(b, thread, 1);
    const own = { thread } as const;
    const at = b.variable(`at ${thread}`, 0, length - 1, own);
    const slots = b.variable(`slots ${thread}`, 0, 2 ** bits - 1, { length, ...own });
    const next = bin("%", bin("+", load(at), c(1)), c(length));
    const turn = b.transition({
      thread,
      location: 0,
      body: straight(assign(slots, bin("-", c(2 ** bits - 1), load(slots, load(at))), load(at)), assign(at, next), complete(c(thread), 0)),
    });
    b.process({ pc, locations: [b.location(0, goTo(0), [turn])] });
  }
  return b.build();
}
