/**
 * A mutex in memory that processes share, whose owner may die with it. Without help from the kernel the others wait for ever.
 * A robust list tells the kernel which mutexes a thread holds: at its death they are marked OWNER_DIED and a waiter is woken,
 * which gets the mutex together with the news that what it protects may be half done (EOWNERDEAD). Taking the mutex and
 * entering it in the list are two steps, so what is about to be entered must be announced first (list_op_pending).
 * Scenario SHM-15.
 *
 * An owner that dies between freeing the word and waking a waiter leaves no mark. The kernel makes up for the wake-up if the
 * word is still free when it looks; if another thread has taken it in between, without knowing of waiters, nobody wakes them.
 * Where every owner supposes that there are waiters, its own unlock does.
 */
import { type Cell, check, choose, int, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

interface Robust {
  /** The mutex is on this thread's list; it is being entered or taken off. */
  readonly list: Cell<number>;
  readonly pending: Cell<number>;
}
type Care = "no list" | "no announcement" | "no repair" | "all";
interface Variant {
  readonly care: Care;
  /** The first owner may die in the middle of its unlock, too. */
  readonly diesUnlocking?: boolean;
  /** The flag for waiters is set whether there are any or not. */
  readonly supposesWaiters?: boolean;
}

/** Yields whether the owner before has died. `mayDie`: this thread may die as soon as it has the mutex. */
function* lock(word: Cell<number>, tid: number, robust: Robust, care: Care, supposed: number, mayDie: boolean, futex: shm.Futex) {
  if (care !== "no list" && care !== "no announcement") yield* robust.pending.store(1);
  let died = false;
  let waited = supposed;
  let mine = false;
  while (!mine) {
    const old = yield* word.compareExchange(0, tid | waited);
    if (old === 0) mine = true;
    else if ((old & shm.ownerDiedFlag) !== 0) {
      mine = (yield* word.compareExchange(old, tid | waited | (old & shm.waitersFlag))) === old;
      died = mine;
    } else {
      const marked = old | shm.waitersFlag;
      if (old === marked || (yield* word.compareExchange(old, marked)) === old) yield* futex.wait(word, marked);
      waited = shm.waitersFlag;
    }
  }
  if (mayDie && (yield* choose(false, true))) yield* futex.exit(tid, word, robust);
  if (care !== "no list") yield* robust.list.store(1);
  if (care !== "no list" && care !== "no announcement") yield* robust.pending.store(0);
  return died;
}

function* unlock(word: Cell<number>, tid: number, robust: Robust, care: Care, mayDie: boolean, futex: shm.Futex) {
  if (care !== "no list" && care !== "no announcement") yield* robust.pending.store(1);
  if (care !== "no list") yield* robust.list.store(0);
  const old = yield* word.exchange(0);
  if (mayDie && (yield* choose(false, true))) yield* futex.exit(tid, word, robust);
  if ((old & shm.waitersFlag) !== 0) yield* futex.wake(word, 1);
  if (care !== "no list" && care !== "no announcement") yield* robust.pending.store(0);
}

const mutex = (
  name: string,
  { care, diesUnlocking = false, supposesWaiters = false }: Variant,
  expect: "holds" | { readonly violated: "deadlock" | "assertion" | "lost-wakeup" },
) =>
  protocol(name, {
    scenario: "SHM-15",
    kernel: shm.kernel(),
    /** `from` and `to` are changed together. */
    memory: {
      word: int(0, 31),
      from: int(0, 1),
      to: int(0, 1),
      list: int(0, 1),
      pending: int(0, 1),
      lists: int(0, 1),
      pendings: int(0, 1),
    },
    threads: {
      mortal: {
        *run({ word, from, to, list, pending, futex }) {
          const robust = { list, pending };
          yield* lock(word, 1, robust, care, supposesWaiters ? shm.waitersFlag : 0, true, futex);
          yield* from.write(1);
          if (yield* choose(false, true)) yield* futex.exit(1, word, robust);
          yield* to.write(1);
          yield* unlock(word, 1, robust, care, diesUnlocking, futex);
        },
      },
      heir: {
        count: 2,
        // They live on, so that nobody looks at their lists.
        *run({ word, from, to, lists, pendings, futex, index }) {
          const robust = { list: lists, pending: pendings };
          const died = yield* lock(word, 2 + index, robust, "no list", supposesWaiters ? shm.waitersFlag : 0, false, futex);
          if (died && care !== "no repair") yield* to.write(yield* from.read());
          check((yield* from.read()) === (yield* to.read()), "what the mutex protects is whole");
          yield* unlock(word, 2 + index, robust, "no list", false, futex);
        },
      },
    },
    expect,
  });

export const broken = mutex("a mutex whose owner dies", { care: "no list" }, { violated: "deadlock" });
export const unannounced = mutex("a robust list without announcements", { care: "no announcement" }, { violated: "deadlock" });
export const careless = mutex("an heir that repairs nothing", { care: "no repair" }, { violated: "assertion" });
export const repaired = mutex("a robust mutex", { care: "all" }, "holds");
export const diesUnlocking = mutex("a robust mutex whose owner dies unlocking it", { care: "all", diesUnlocking: true }, { violated: "lost-wakeup" });
export const supposing = mutex("a robust mutex that is always unlocked with a wake-up", { care: "all", diesUnlocking: true, supposesWaiters: true }, "holds");
