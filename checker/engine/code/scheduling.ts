/** Who may take the next step, on sets of threads as 64-bit masks: priorities, turns, and who is held back. */
import { op, type FunctionBuilder } from "../wasm/encoder.ts";
import type { Context } from "./context.ts";
import type { Expr } from "../../../model/system/system.ts";
import type { Frame } from "./frame.ts";

/** On each CPU the ready threads of the highest priority. */
export function permitByPriority(context: Context, frame: Frame, running: number, able: number, permitted: number): void {
  const { system } = context;
  const { f } = frame;
  const ready = f.local("i64");
  f.get(able).set(ready);
  for (const process of system.processes) {
    const spinning = process.locations.map(({ spins }) => spins);
    if (!spinning.some(Boolean)) continue;
    context.standsIn(frame, process, spinning);
    f.op(op.i64_extend_u).i64(BigInt(process.index)).op(op.i64_shl).get(ready).op(op.i64_or).set(ready);
  }
  f.get(ready).get(running).op(op.i64_and).set(ready);
  if (system.processes.some(({ inherited }) => inherited != null)) {
    permitByInherited(context, frame, ready, permitted);
    return;
  }
  for (const classes of byCpu(context)) {
    f.block((found) => {
      for (const mask of classes) {
        f.get(ready)
          .i64(mask)
          .op(op.i64_and, op.i64_eqz, op.i32_eqz)
          .if(() => f.get(permitted).get(ready).i64(mask).op(op.i64_and, op.i64_or).set(permitted).branch(found));
      }
    });
  }
}

/** The same where priorities change: the highest one is looked for in each state. */
function permitByInherited({ system }: Context, frame: Frame, ready: number, permitted: number): void {
  const { f } = frame;
  const [best, priority, highest] = [f.local("i64"), f.local("i32"), f.local("i32")];
  for (let cpu = 0; cpu < system.cpus; cpu++) {
    f.i64(0n).set(best);
    for (const process of system.processes) {
      if (process.cpu !== cpu) continue;
      const bit = 1n << BigInt(process.index);
      f.get(ready)
        .i64(bit)
        .op(op.i64_and, op.i64_eqz, op.i32_eqz)
        .if(() => {
          const own: Expr = { op: "const", value: process.priority };
          const { inherited } = process;
          const below = (a: Expr): Expr => ({ op: "binary", operator: "<", left: a, right: { op: "const", value: 0 } });
          frame.value(inherited == null ? own : { op: "select", condition: below(inherited), then: own, else: inherited });
          f.set(priority);
          // The first ready thread of the CPU, or one above all before it.
          f.get(best).op(op.i64_eqz).get(priority).get(highest).op(op.i32_gt_s, op.i32_or);
          f.if(
            () => f.get(priority).set(highest).i64(bit).set(best),
            () => {
              f.get(priority)
                .get(highest)
                .op(op.i32_eq)
                .if(() => f.get(best).i64(bit).op(op.i64_or).set(best));
            },
          );
        });
    }
    f.get(permitted).get(best).op(op.i64_or).set(permitted);
  }
}

/** For each CPU its threads as masks, one for each priority, highest first. */
function byCpu({ system }: Context): readonly (readonly bigint[])[] {
  return Array.from({ length: system.cpus }, (_, cpu) => {
    const here = system.processes.filter((process) => process.cpu === cpu);
    const priorities = [...new Set(here.map(({ priority }) => priority))].sort((a, b) => b - a);
    return priorities.map((priority) => here.filter((process) => process.priority === priority).reduce((mask, { index }) => mask | (1n << BigInt(index)), 0n));
  });
}

/** On each CPU the thread that ran last and the next one in cyclic order, of those that can make a step. */
export function permitByTurns(context: Context, frame: Frame, enabled: number, permitted: number): void {
  const { system } = context;
  const { f } = frame;
  const [here, above, last] = [f.local("i64"), f.local("i64"), f.local("i64")];
  for (const [cpu, classes] of byCpu(context).entries()) {
    f.get(enabled)
      .i64(classes.reduce((a, b) => a | b, 0n))
      .op(op.i64_and)
      .set(here);
    if (system.current === null) f.i32(-1);
    else frame.value({ op: "load", variable: system.current, index: { op: "const", value: cpu } });
    // Bit 0 stands for nobody, so that "above" and "itself" are shifts of one mask.
    f.i32(1).op(op.i32_add, op.i64_extend_u).set(last);
    f.get(here).i64(-1n).get(last).op(op.i64_shl, op.i64_and).set(above);
    f.get(above)
      .op(op.i64_eqz)
      .if(() => f.get(here).set(above));
    f.get(above).i64(0n).get(above).op(op.i64_sub, op.i64_and);
    f.get(here).i64(1n).get(last).op(op.i64_shl).i64(1n).op(op.i64_shr_u, op.i64_and, op.i64_or);
    f.get(permitted).op(op.i64_or).set(permitted);
  }
}

/**
 * Under priorities, threads held back by blocked spinning ones alone are blocked too; not those whose timer may fire. Where
 * priorities are inherited, whoever goes on may give them one.
 */
export function holdBack(
  context: Context,
  f: FunctionBuilder,
  sets: { readonly running: number; readonly permitted: number; readonly ready: number; readonly next: number; readonly blocked: number },
): void {
  const { system, regions, globals } = context;
  const [here, held, givers] = [f.local("i64"), f.local("i64"), f.local("i64")];
  for (const classes of byCpu(context)) {
    const all = classes.reduce((a, b) => a | b, 0n);
    f.block((next) => {
      f.get(sets.permitted).get(sets.ready).op(op.i64_and).i64(all).op(op.i64_and, op.i64_eqz, op.i32_eqz).branchIf(next);
      f.get(sets.ready).get(sets.next).i64(-1n).op(op.i64_xor, op.i64_and).i64(all).op(op.i64_and);
      f.tee(here).get(held).op(op.i64_or).set(held);
      f.get(here).get(sets.blocked).op(op.i64_or).set(sets.blocked);
    });
  }
  if (system.processes.some(({ inherited }) => inherited != null)) f.get(sets.running).get(sets.blocked).i64(-1n).op(op.i64_xor, op.i64_and).set(givers);
  for (const classes of byCpu(context)) {
    const all = classes.reduce((a, b) => a | b, 0n);
    for (const { index } of system.processes) {
      const bit = 1n << BigInt(index);
      if ((all & bit) === 0n) continue;
      f.get(held)
        .i64(bit)
        .op(op.i64_and, op.i64_eqz, op.i32_eqz)
        .if(() =>
          f
            .getGlobal(globals.own)
            .get(sets.permitted)
            .i64(all)
            .op(op.i64_and)
            .get(givers)
            .op(op.i64_or)
            .store("i64", regions.wakers + 8 * index),
        );
    }
  }
}
