/*
 * Drepper's second futex mutex with N threads: the like of bench/specs/mutex.ts, step for step.
 *
 * Every visible step of that protocol is one d_step here; `pc` names the step at which a thread stands, so that WAKE
 * can move a sleeper on in the waker's own step, as the kernel does. SPIN stores exactly the states of the specification,
 * and counts one transition more: its first.
 */
#ifndef N
#define N 7
#endif
#define TRY      0  /* compareExchange(0, 1) */
#define ANNOUNCE 1  /* compareExchange(1, 2) */
#define WAIT     2  /* futex.wait(word, 2) */
#define TAKE     3  /* compareExchange(0, 2) */
#define INSIDE   4
#define LEAVE    5  /* fetchAdd(-1) */
#define FREE     6  /* store(0) */
#define WAKE     7  /* futex.wake(word, 1) */
#define ASLEEP   8

byte word, inside, pc[N];
chan sleepers = [N] of { byte };
hidden byte woken;

#define me pc[_pid]

active [N] proctype user() {
  do
  :: d_step { me == TRY -> if :: word == 0 -> word = 1; inside++; me = INSIDE :: word == 1 -> me = ANNOUNCE :: word == 2 -> me = WAIT fi }
  :: d_step { me == ANNOUNCE -> if :: word == 0 -> me = TAKE :: word == 1 -> word = 2; me = WAIT :: word == 2 -> me = WAIT fi }
  :: d_step { me == WAIT -> if :: word == 2 -> sleepers!_pid; me = ASLEEP :: word != 2 -> me = TAKE fi }
  :: d_step { me == TAKE -> if :: word == 0 -> word = 2; inside++; me = INSIDE :: word == 1 -> me = ANNOUNCE :: word == 2 -> me = WAIT fi }
  :: d_step { me == INSIDE -> assert(inside == 1); inside--; me = LEAVE }
  :: d_step { me == LEAVE -> if :: word == 1 -> word = 0; me = TRY :: word == 2 -> word = 1; me = FREE fi }
  :: d_step { me == FREE -> word = 0; me = WAKE }
  :: d_step { me == WAKE -> if :: empty(sleepers) :: nempty(sleepers) -> sleepers?woken; pc[woken] = TAKE fi; me = TRY }
  od
}
