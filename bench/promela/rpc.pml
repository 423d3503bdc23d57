/*
 * N clients work WORK steps each and then call one server: the like of bench/specs/rpc.ts, step for step.
 *
 * Every visible step of that protocol is one d_step here. Senders that find the server busy queue first in, first out.
 * A client that has called stands in front of its next step, which its answer unblocks, so that being answered costs no
 * step of its own. SPIN stores exactly the states of the specification, and counts one transition more: its first.
 * Written for SPIN's speed: the same with rendezvous channels takes more states and more time a state.
 */
#ifndef N
#define N 4
#endif
#ifndef WORK
#define WORK 38
#endif
#define NOBODY N

chan senders = [N] of { byte };
bit waiting;            /* the server waits for a request */
bit blocked[N];         /* the client has called and is not answered */
byte current = NOBODY;  /* whose request the server works on */

active proctype server() {
  do
  :: d_step { current == NOBODY && !waiting ->
       if
       :: nempty(senders) -> senders?current
       :: empty(senders) -> waiting = 1
       fi }
  :: d_step { current != NOBODY -> blocked[current] = 0; current = NOBODY }
  od
}

active [N] proctype client() {
  byte done;
  do
  :: d_step { !blocked[_pid - 1] && done < WORK -> done++ }
  :: d_step { !blocked[_pid - 1] && done == WORK ->
       done = 0;
       blocked[_pid - 1] = 1;
       if
       :: waiting -> waiting = 0; current = _pid - 1
       :: !waiting -> senders!_pid - 1
       fi }
  od
}
