/** Reads the tables in data/: operation lists become litmus programs, under the mapping of each memory model's column. */
import { readFileSync } from "node:fs";
import { type Condition, namesOf, parseCondition } from "../../dist/litmus/condition.js";
import type { AccessOrder, Expression, Instruction, LitmusTest, Program, Quantifier } from "../../dist/litmus/program.js";
import { Scanner } from "../../dist/litmus/scanner.js";

type Operation = readonly [string, ...(string | number)[]];
interface Expected {
  readonly reachable: boolean;
  readonly outcomes: number;
  readonly allOutcomes: number;
}
export interface Row {
  readonly name: string;
  readonly init: Readonly<Record<string, number>>;
  readonly threads: readonly (readonly Operation[])[];
  readonly quantifier: Quantifier;
  readonly condition: string;
  readonly observed: readonly string[];
  readonly sc: Expected;
  readonly tso: Expected;
  readonly pso: Expected;
  readonly c11: Readonly<Record<string, { readonly reachable: boolean; readonly outcomes: number }>>;
  readonly source: string;
}
export interface LockRow {
  readonly name: string;
  readonly kind: string;
  readonly init: Readonly<Record<string, number>>;
  readonly threads: readonly (readonly Operation[])[];
  readonly final: readonly (string | number)[] | null;
  readonly source: string;
  readonly expect: Readonly<Record<"sc" | "tso" | "pso", string>>;
}

export interface Orders {
  readonly load: AccessOrder;
  readonly store: AccessOrder;
  readonly exchange: "acq_rel" | "seq_cst";
}
/** The columns of the table that speak of C11. */
export const variants: Readonly<Record<string, Orders>> = {
  rc11_rlx: { load: "relaxed", store: "relaxed", exchange: "seq_cst" },
  rc11_ra: { load: "acquire", store: "release", exchange: "acq_rel" },
  rc11_sc: { load: "seq_cst", store: "seq_cst", exchange: "seq_cst" },
};
/** Buffered memories know only plain accesses. */
export const plain: Orders = { load: "plain", store: "plain", exchange: "seq_cst" };

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(`data/${name}`, import.meta.url), "utf8"));
export const rows: readonly Row[] = read("tests.json") as readonly Row[];
export const lockRows: readonly LockRow[] = read("locks.json") as readonly LockRow[];

/** The program of a row, with its question. */
export function testOf(row: Row, orders: Orders): LitmusTest {
  const condition: Condition = parseCondition(new Scanner(row.name, row.condition));
  const program = programOf(row.name, row.init, row.threads, orders, [...row.observed, ...namesOf(condition)]);
  return { program, question: { quantifier: row.quantifier, condition, observed: row.observed } };
}

export function programOf(
  name: string,
  init: Readonly<Record<string, number>>,
  threads: readonly (readonly Operation[])[],
  orders: Orders,
  observed: readonly string[] = [],
): Program {
  const locations = new Map<string, number>(Object.entries(init));
  const touch = (location: string): string => {
    if (!locations.has(location)) locations.set(location, 0);
    return location;
  };
  const code = threads.map((operations) => instructions(operations, orders, touch));
  for (const each of observed) if (!each.includes(":")) touch(each);
  return { name, locations, threads: code, registers: new Map() };
}

function instructions(operations: readonly Operation[], orders: Orders, touch: (location: string) => string): readonly Instruction[] {
  const labels = new Map<string, number>();
  let position = 0;
  for (const [op, label] of operations) {
    if (op === "L") labels.set(String(label), position);
    else position++;
  }
  const target = (label: unknown): number => {
    const at = labels.get(String(label));
    if (at === undefined) throw new Error(`no label ${String(label)}`);
    return at;
  };
  const value = (operand: unknown): Expression => (typeof operand === "number" ? { op: "const", value: operand } : { op: "register", name: String(operand) });
  const compare = (operator: "==" | "!=", left: Expression, right: Expression): Expression => ({ op: "binary", operator, left, right });
  return operations.flatMap(([op, a, b, c, d]): readonly Instruction[] => {
    switch (op) {
      case "W":
        return [{ op: "store", location: touch(String(a)), value: value(b), order: orders.store }];
      case "R":
        return [{ op: "load", register: String(a), location: touch(String(b)), order: orders.load }];
      case "F":
        return [{ op: "fence", order: "seq_cst" }];
      case "SF":
        return [{ op: "fence", order: "release" }];
      case "XCHG":
        return [{ op: "exchange", register: String(a), location: touch(String(b)), value: value(c), order: orders.exchange }];
      case "FADD":
        return [{ op: "modify", register: String(a), location: touch(String(b)), operator: "+", operand: value(c), order: orders.exchange }];
      case "CAS":
        return [
          {
            op: "compareExchange",
            register: String(a),
            location: touch(String(b)),
            expected: value(c),
            desired: value(d),
            order: orders.exchange,
            failure: orders.exchange === "acq_rel" ? "acquire" : "seq_cst",
          },
        ];
      case "SET":
        return [{ op: "set", register: String(a), value: value(b) }];
      case "ADD":
        return [{ op: "set", register: String(a), value: { op: "binary", operator: "+", left: value(b), right: value(c) } }];
      case "L":
        return [];
      case "J":
        return [{ op: "branch", condition: { op: "const", value: 1 }, target: target(a) }];
      case "BEQ":
        return [{ op: "branch", condition: compare("==", value(a), value(b)), target: target(c) }];
      case "BNE":
        return [{ op: "branch", condition: compare("!=", value(a), value(b)), target: target(c) }];
      case "AWAIT":
        return [{ op: "await", location: touch(String(a)), operator: b === "==" ? "==" : "!=", value: value(c), order: orders.load }];
      case "CS+":
        return [{ op: "enter", section: Number(a) }];
      case "CS-":
        return [{ op: "leave", section: Number(a) }];
      case "ASSERT":
        return [{ op: "assert", condition: compare(b === "==" ? "==" : "!=", value(a), value(c)) }];
      default:
        throw new Error(`unknown operation ${op}`);
    }
  });
}
