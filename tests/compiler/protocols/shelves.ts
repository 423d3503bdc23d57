/** Objects reached by numbers, with initial values of their own: goods are moved between shelves whose places are in other shelves' state. */
import { array, check, choose, int, kernel, type ObjectType, objectType, type Op, operation, perObject, protocol } from "ipc-check";

interface Options {
  readonly goods: number;
  readonly next: string;
}
const shelf = perObject("shelf", (options: Options, objects) => ({
  goods: int(0, 3, options.goods),
  next: int(
    0,
    7,
    objects.findIndex(({ ref }) => ref.name === options.next),
  ),
  marks: array(
    3,
    int(0, 3),
    [0, 1, 2].map((each) => (each === options.goods ? 2 : 0)),
  ),
}));
const move = operation({
  name: "move",
  args: { from: int(0, 7), hops: int(1, 2) },
  result: { goods: int(0, 3) },
  rules: {
    move: {
      when: (k) => k.of(shelf, k.args.from).goods > 0,
      do: (k) => {
        let to = k.of(shelf, k.args.from).next;
        if (k.args.hops === 2) to = k.of(shelf, to).next;
        k.of(shelf, k.args.from).goods -= 1;
        const target = k.of(shelf, to);
        target.goods += 1;
        target.marks.set(k.of(shelf, k.args.from).goods, 1);
        k.complete(k.self, { goods: target.goods });
      },
    },
  },
  waits: { empty: { says: "waiting at an empty shelf", kind: "receive", wakers: [{ by: ["move"] }], idle: () => true } },
  general: (held) => held.objects.map(({ ref }) => ({ from: ref.index, hops: 1 })),
});
interface Shelf {
  move(hops: number): Op<{ readonly goods: number }>;
}
const declare = (options: Options): ObjectType<Shelf> =>
  objectType({
    name: "shelf",
    options: { ...options },
    state: [shelf],
    operations: [move],
    api: (self) => ({ move: (hops) => move({ from: self.index, hops }) }),
  });
const other = objectType({ name: "other", operations: [], api: () => ({}) });
const bare = kernel({ name: "shelves", operations: [], api: {} });

/** Full shelves, an object of another type between them, and somebody who tidies. */
export const tidy = protocol("goods are moved", {
  kernel: bare,
  objects: { a: declare({ goods: 2, next: "b" }), between: other, b: declare({ goods: 0, next: "c" }), c: declare({ goods: 1, next: "a" }) },
  threads: {
    one: {
      *run({ a, c }) {
        const first = yield* a.move(yield* choose(1, 2));
        check(first.goods <= 3);
        while (true) yield* c.move(1);
      },
    },
    two: {
      *run({ b }) {
        while (true) yield* b.move(2);
      },
    },
  },
});

/** A client that moves from what it holds only. */
export const general = protocol("goods are moved at will", {
  kernel: bare,
  objects: { a: declare({ goods: 2, next: "b" }), b: declare({ goods: 0, next: "a" }) },
  threads: {
    anyone: { untrusted: "arbitrary", holds: ["a"] },
    two: {
      *run({ b }) {
        while (true) yield* b.move(1);
      },
    },
  },
});

/** The next of the last is no shelf: a violation, not a silent zero. */
export const lost = protocol("goods are moved to nowhere", {
  kernel: bare,
  objects: { between: other, a: declare({ goods: 2, next: "between" }) },
  threads: {
    one: {
      *run({ a }) {
        yield* a.move(1);
      },
    },
  },
});
