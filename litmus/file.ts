/**
 * Reads `.litmus` files of the herd tools: the header, the initial state, the program (by architecture) and the final
 * question. What cannot be read ends in one {@link LitmusError} with its place and what is supported.
 */
import { type Condition, namesOf, observable, parseCondition } from "./condition.ts";
import { parseC } from "./c.ts";
import { type Instruction, type LitmusTest, type Quantifier, allRegisters } from "./program.ts";
import { Scanner } from "./scanner.ts";
import { parseX86 } from "./x86.ts";

/** What an architecture's parser gives back. */
export interface ParsedThreads {
  readonly threads: readonly (readonly Instruction[])[];
  /** Where the final question begins. */
  readonly end: number;
}

/** A test as a file states it. */
export interface LitmusFile extends LitmusTest {
  readonly architecture: "X86" | "C";
}

/** Reads one file. */
export function parseLitmus(file: string, text: string): LitmusFile {
  // Comments become blanks, so that places in the file stay what they are.
  const blank = (comment: string): string => comment.replace(/[^\n]/g, " ");
  const bare = text.replace(/\(\*[\s\S]*?\*\)/g, blank);
  const source = /^\s*X86\b/.test(bare) ? bare.replace(/#.*$/gm, blank) : bare;
  const head = new Scanner(file, source);
  const first = head.match(/[\w+-]+/) ?? head.fail(`an architecture is expected, not ${head.shown()}`, head.at, "X86 and C");
  const architecture = first === "X86" || first === "C" ? first : head.fail(`litmus tests for ${first} cannot be read`, head.at - first.length, "X86 and C");
  const name = head.match(/[^\s{]+/) ?? head.fail("the test has no name");
  const brace = source.indexOf("{", head.at);
  if (brace < 0) head.fail("the initial state '{ … }' is missing");
  head.at = brace + 1;
  const { locations, registers, threadOf } = parseInit(head);
  const isC = architecture === "C";
  const touch = (location: string): string => {
    if (!locations.has(location)) locations.set(location, 0);
    return location;
  };
  const { threads, end } = isC ? parseC(file, source, head.at, touch) : parseX86(file, source, head.at, touch);
  for (const [register, at] of threadOf) if (register >= threads.length) head.fail(`there is no thread ${register}`, at);

  const tail = new Scanner(file, source, { from: end, c: isC });
  const observed = new Set<string>();
  if (tail.takes("locations")) {
    tail.expect("[");
    while (!tail.takes("]")) {
      observed.add(observable(tail));
      if (!tail.takes(";")) {
        tail.expect("]");
        break;
      }
    }
  }
  if (tail.sees("filter")) tail.fail("'filter' is not supported", tail.at, "locations, exists, ~exists, forall");
  const quantifier: Quantifier = tail.takes("exists")
    ? "exists"
    : tail.takes("~exists") || (tail.takes("~") && tail.takes("exists"))
      ? "~exists"
      : tail.takes("forall")
        ? "forall"
        : tail.fail(`a condition is expected, not ${tail.shown()}`, tail.at, "exists, ~exists, forall");
  const start = tail.at;
  const condition: Condition = parseCondition(tail);
  if (!tail.done) tail.fail(`the condition ends here, but ${tail.shown()} follows`);
  const program = { name, locations, threads, registers };
  const known = new Set<string>([...allRegisters(program), ...locations.keys()]);
  for (const each of [...observed, ...namesOf(condition)]) {
    if (!known.has(each)) tail.fail(each.includes(":") ? `${each} is not a register that its thread uses` : `${each} is not a location of this test`, start);
    observed.add(each);
  }
  return { architecture, program, question: { quantifier, condition, observed: [...observed].sort(registersFirst) } };
}

/** As herd orders them: registers by thread, then locations by name. */
function registersFirst(a: string, b: string): number {
  if (a.includes(":") !== b.includes(":")) return a.includes(":") ? -1 : 1;
  return Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : Number(a > b));
}

interface Init {
  readonly locations: Map<string, number>;
  readonly registers: Map<string, number>;
  /** Threads that the initial state names, and where. */
  readonly threadOf: readonly (readonly [number, number])[];
}

/** `{ int x = 1; 0:EAX=2; y; }`, the opening brace having been read. */
function parseInit(scanner: Scanner): Init {
  const locations = new Map<string, number>();
  const registers = new Map<string, number>();
  const threadOf: [number, number][] = [];
  while (!scanner.takes("}")) {
    if (scanner.done) scanner.fail("the initial state is not closed by '}'");
    if (scanner.takes(";")) continue;
    const at = scanner.at;
    // A type before the name: `int x`, `atomic_int y`, `uint32_t 0:EAX`.
    scanner.match(/(?:(?:volatile|unsigned|signed|atomic_int|atomic_bool|int|long|bool|_Atomic|u?int(?:8|16|32)_t)\b\s*)+(?=[\w[*%])/);
    if (scanner.match(/u?int64_t\b|\w+\s*\*/) !== null) scanner.fail("64-bit values and pointers are not supported", at, "32-bit integers");
    const name = observable(scanner);
    let value = 0;
    if (scanner.takes("=")) {
      const from = scanner.at;
      value = scanner.integer() ?? scanner.fail(`an integer is expected, not ${scanner.shown()}`, from, "x=1, 0:EAX=1; registers that hold addresses are not");
    }
    if (name.includes(":")) {
      registers.set(name, value);
      threadOf.push([Number(name.slice(0, name.indexOf(":"))), at]);
    } else locations.set(name, value);
    if (!scanner.sees("}")) scanner.expect(";");
  }
  return { locations, registers, threadOf };
}
