/** What `ipc-check explain` says about the errors of compiling a specification: IPC100 to IPC299. */
import type { CodeTable, Explanation } from "../loader/diagnostic.ts";

const entry = (title: string, explanation: string, wrong?: string, right?: string): Explanation => ({
  title,
  explanation,
  ...(wrong === undefined ? {} : { wrong }),
  ...(right === undefined ? {} : { right }),
});

export const compilerCodes: CodeTable = {
  // Syntax that has no meaning in a thread.
  IPC100: entry(
    "an expression outside the language",
    "Local computation uses integers, booleans, strings of an enum, thread ids and records of them, with the usual operators, conditionals and calls of helper functions. Everything else is rejected rather than ignored, because a model that leaves something out proves nothing.",
  ),
  IPC101: entry(
    "throw",
    "A thread has no exceptions: an exception that nobody catches would end the native run, and one that is caught is control flow that the model cannot show. What must never happen is a check.",
    'if (slot > 3) throw new Error("full");',
    'check(slot <= 3, "the slot is in the ring");',
  ),
  IPC102: entry(
    "try",
    "Operations do not throw: they report errors in their result. Reading the message of a failed operation is itself a violation, so nothing is lost by looking at the error.",
    "try { yield* ipc.call(server, 1); } catch { … }",
    'const reply = yield* ipc.call(server, 1);\nif (reply.error !== "none") { … }',
  ),
  IPC103: entry("for … in", "Field names are not values in a specification.", "for (const i in slots) { … }", "for (const slot of slots) { … }"),
  IPC104: entry(
    "a TypeScript enum",
    "TypeScript enums are numbers that print as names. Strings declared with oneOf keep their names in traces and are checked by the editor.",
    "enum Color { red, green }",
    'memory: { color: oneOf("red", "green") }',
  ),
  IPC105: entry(
    "a statement outside the language",
    "Threads use let, const, if, switch, while, do, for, for … of, break, continue and return. Other statements are rejected rather than ignored.",
  ),
  IPC106: entry(
    "asynchronous code",
    "A thread waits with yield*, which marks the one visible step that the checker interleaves. Promises have no place in that.",
    "const reply = await ipc.call(server, 1);",
    "const reply = yield* ipc.call(server, 1);",
  ),
  IPC107: entry(
    "a class",
    "Objects with identity and hidden state cannot be part of a finite state.",
    "class Queue { … }",
    "memory: { items: queue(int(0, 3), 4) }",
  ),
  IPC108: entry(
    "new",
    "Nothing is allocated while a protocol runs: all state is declared beforehand, so that the state space is finite.",
    "const seen = new Set();",
    "memory: { seen: ghost(array(4, flag)) }",
  ),
  IPC109: entry(
    "this",
    "A thread's program receives all that it may use as its context.",
    "*run() { yield* this.ipc.wait(); }",
    "*run({ ipc }) { yield* ipc.wait(); }",
  ),
  // Numbers, strings, operators.
  IPC110: entry(
    "a bare division",
    "All numbers are integers of 32 bits, and a division can leave them. Say which integer is meant: Math.floor, Math.trunc or Math.ceil of the quotient, or (a / b) | 0.",
    "const half = count / 2;",
    "const half = Math.floor(count / 2);",
  ),
  IPC111: entry("a number that is no integer", "All numbers are integers of 32 bits.", "let share = 0.5;", "let percent = 50;"),
  IPC112: entry(
    "a number beyond 32 bits",
    "Every value is a signed 32-bit integer. Wrapping is never silent: a type that wraps says so.",
    "const limit = 2 ** 40;",
    "memory: { clock: wrapping(256) }",
  ),
  IPC113: entry(
    "rest and spread",
    "Arguments and elements are listed, so that each has its place in the model.",
    "function sum(...values) { … }",
    "const sum = (a: number, b: number) => a + b;",
  ),
  IPC114: entry("== and !=", "They convert their operands before comparing.", "if (turn == 1) { … }", "if (turn === 1) { … }"),
  IPC115: entry("getters and setters", "A field of a record is a value; reading it has no effects.", "{ get size() { return 3; } }", "{ size: 3 }"),
  IPC116: entry("remainder by zero", "The divisor is zero whatever happens.", "slot % 0", "slot % 4"),
  IPC117: entry("big integers", "All numbers are integers of 32 bits.", "let n = 1n;", "let n = 1;"),
  IPC118: entry(
    "strings that are computed",
    "Strings are names of an enum: they are compared and passed on. Text that is put together while the protocol runs would have infinitely many values.",
    'const key = "slot" + i;',
    "const slot = i;",
  ),
  IPC119: entry(
    "an operator outside the language",
    "Available are + - * % & | ^ << >> >>> < <= > >= === !== && || ! ?? ?: and the assignments made of them.",
    "x ** 2",
    "x * x",
  ),
  IPC120: entry("delete", "Records are values with fixed fields.", "delete request.error;", "request = { ...request, error: 0 };"),
  IPC121: entry(
    "an unknown name",
    "A thread sees what its context gives it, what its module declares and imports, and its own locals.",
    "while (count < limt) { … }",
    "while (count < limit) { … }",
  ),
  IPC122: entry(
    "a value that cannot be computed with",
    "Operators take numbers, booleans, strings of an enum and threads.",
    "const n = threads + 1;",
    "const n = index + 1;",
  ),
  IPC123: entry(
    "arithmetic on something else than numbers",
    "Thread ids and names are compared and passed on, nothing else, so that replicas stay interchangeable. Booleans become numbers by ?:.",
    "const n = ready + 1;",
    "const n = (ready ? 1 : 0) + 1;",
  ),
  IPC124: entry(
    "a condition that is not boolean",
    "Whether a number, a name or a thread counts as true is easily misread. Compare it.",
    "if (count) { … }",
    "if (count !== 0) { … }",
  ),
  IPC125: entry(
    "a field or method that is not there",
    "Of cells, queues, arrays and kernel state only the documented methods can be compiled.",
    "ring.map((cell) => cell)",
    "ring.at(0)",
  ),
  IPC126: entry(
    "values that cannot be compared",
    "Records are compared field by field; values of different kinds are never equal.",
    "if (request === last) { … }",
    "if (request.from === last.from) { … }",
  ),
  IPC127: entry(
    "a name that is not in the enum",
    "The value can never have this name: the comparison would always be false, or the write always wrong. Usually it is a misspelling.",
    'if (state === "comitted") { … }',
    'if (state === "committed") { … }',
  ),
  IPC128: entry(
    "something that must be known beforehand",
    "Field names, texts of checks, kernel objects and indexes into arrays of different things are needed when the protocol is compiled.",
    "context[name]",
    "context.head",
  ),
  IPC129: entry("a missing argument", "The method needs another argument.", "yield* head.write();", "yield* head.write(0);"),
  // Operations and helpers.
  IPC130: entry(
    "an operation that is not performed",
    "Calling ipc.send(…) or cell.load() makes an operation; only yield* performs it. Without it nothing would happen, natively as well.",
    "head.write(1);",
    "yield* head.write(1);",
  ),
  IPC131: entry(
    "a helper generator that is not run",
    "Calling a generator function makes a generator; only yield* runs it.",
    "lock(word, futex);",
    "yield* lock(word, futex);",
  ),
  IPC132: entry(
    "yield without a star",
    "yield* performs an operation or runs a helper generator; a plain yield would hand it to nobody.",
    "yield ipc.wait();",
    "yield* ipc.wait();",
  ),
  IPC133: entry(
    "clock and random numbers",
    "Every run of the checker must see the same protocol. Choices that the environment makes are written as choices.",
    "if (Math.random() < 0.5) { … }",
    "if (yield* choose(true, false)) { … }",
  ),
  IPC134: entry("yield* of something else", "yield* takes an operation or a call of a helper generator.", "yield* 3;", "yield* head.write(3);"),
  IPC135: entry("a statement without meaning", "It has no effect in a model and is rejected rather than ignored.", "debugger;", ""),
  IPC136: entry(
    "a statement without effect",
    "The expression changes nothing and performs nothing. Often an = is missing, or a yield*.",
    "count + 1;",
    "count = count + 1;",
  ),
  // Locals.
  IPC140: entry(
    "a name without a value",
    "The local is read before anything was assigned to it.",
    "let last: number;\ncheck(last === 0);",
    "let last = 0;\ncheck(last === 0);",
  ),
  IPC141: entry(
    "a value of two kinds",
    "Both ways through ?:, && or several returns must give the same kind of value, with the same fields if it is a record.",
    "const x = ready ? 1 : nobody;",
    "const x = ready ? 1 : 0;",
  ),
  IPC142: entry(
    "a variable of two kinds",
    "A local has one kind of value for all its life, and a record the same fields.",
    'let x = 0;\nx = "none";',
    "let x = 0;\nx = 1;",
  ),
  IPC143: entry(
    "results and records mixed",
    "Reading a field of a result is checked against its error. A variable that held plain records before would lose that check.",
    "let r = { from: nobody, message: 0 };\nr = yield* ipc.wait();",
    "let r = yield* ipc.wait();",
  ),
  IPC144: entry(
    "a value of the wrong kind",
    "Memory, arguments and results have declared domains; a value of another kind does not fit.",
    "yield* flag.store(1);",
    "yield* flag.store(true);",
  ),
  IPC145: entry(
    "a missing field",
    "A record that is written or passed on has all fields of its domain.",
    '{ operation: "open" }',
    '{ operation: "open", argument: 0 }',
  ),
  IPC146: entry("assignment to a constant", "The name is declared with const.", "const n = 0;\nn = 1;", "let n = 0;\nn = 1;"),
  IPC147: entry(
    "assignment to a parameter",
    "Helpers are put in place of their calls; a parameter stands for its argument.",
    "const f = (n: number) => { n = n + 1; return n; };",
    "const f = (n: number) => n + 1;",
  ),
  IPC148: entry(
    "a variable for something else than values",
    "Locals hold integers, booleans, strings, thread ids and records of these. Functions, cells and arrays may be named with const.",
    "let cell = ring.at(0);",
    "const cell = ring.at(0);",
  ),
  IPC149: entry(
    "local() in the wrong place",
    "local(domain, value) declares the range of the variable that it initialises, and nothing else.",
    "x = local(int(0, 3), 0);",
    "let x = local(int(0, 3), 0);",
  ),
  // Memory and steps.
  IPC150: entry(
    ".value outside a step",
    "Reading or writing shared memory is a visible step of its own. `.value` is for ghost memory, and for all memory inside step({ when, do }) and predicates.",
    "head.value = 1;",
    "yield* head.write(1);",
  ),
  IPC151: entry(
    "a condition with effects",
    "Guards, predicates and invariants are looked at any number of times, and must change nothing.",
    "when: () => { count.value += 1; return true; }",
    "do: () => { count.value += 1; }",
  ),
  IPC152: entry(
    "yield* where nothing may wait",
    "Rules, steps and predicates are atomic.",
    "do: () => { yield* head.write(1); }",
    "do: () => { head.value = 1; }",
  ),
  IPC153: entry(
    "something that cannot be assigned to",
    "Assigned are locals, .value of cells, and fields of kernel state.",
    "[a, b] = [b, a];",
    "const old = a;\na = b;\nb = old;",
  ),
  IPC154: entry(
    "assignment to a field of a record",
    "Records are values: two names never share one.",
    "request.message = 1;",
    "request = { ...request, message: 1 };",
  ),
  IPC155: entry(
    "assignment to a module's variable",
    "State that is outside the protocol would not be part of the states searched, and would survive from one run to the next.",
    "let count = 0; // at the top of the module\n… count += 1;",
    "memory: { count: ghost(int(0, 9)) }",
  ),
  IPC156: entry(
    "assignment to a captured variable",
    "A function inside a thread may read the locals around it but not change them.",
    "list.forEach((x) => { sum += x; });",
    "for (const x of list) sum += x;",
  ),
  IPC157: entry("a jump that leads nowhere", "break and continue lead to a loop, switch or label of the same function."),
  IPC158: entry("a thread that returns a value", "Nobody receives it.", "return 1;", "return;"),
  IPC159: entry("var", "Its scope is the whole function, which hides how long a local lives.", "var n = 0;", "let n = 0;"),
  IPC160: entry(
    "a loop over something unknown",
    "for … of is unrolled, so the array must be known when the protocol is compiled, and its variable declared with const.",
    "for (let x of items) { … }",
    "for (const x of [0, 1, 2]) { … }",
  ),
  // Functions and kernels.
  IPC161: entry("a call of something that is no function", "Only functions can be called.", "index()", "index"),
  IPC162: entry(
    "a function without source",
    "Functions are compiled from their source, which is known for the specification, the modules that it imports by path, and the kernels. Functions of packages and of JavaScript itself are not, except those of Math that yield integers.",
    'import { gcd } from "some-package";',
    'import { gcd } from "./gcd.ts";',
  ),
  IPC163: entry(
    "recursion",
    "Functions are put in place of their calls, so a function cannot call itself, directly or by others.",
    "const sum = (n: number): number => (n === 0 ? 0 : n + sum(n - 1));",
    "let total = 0;\nfor (let i = 0; i < n; i++) total += i;",
  ),
  IPC164: entry(
    "a method of arrays outside the language",
    "Arrays that are not memory never change and have a known length: at, every, some, includes, indexOf, findIndex, map, reduce, forEach and length can be compiled.",
    "items.push(3);",
    "memory: { items: queue(int(0, 3), 4) }",
  ),
  IPC165: entry(
    "an operation on ghost memory",
    "Ghost memory is state for the proof: it is read and written at once, and no thread waits for it.",
    "yield* inside.write(1);",
    "inside.value = 1;",
  ),
  IPC166: entry(
    "a choice that cannot be made",
    "A choice is among values that are listed, or of a domain with at most 65536 values.",
    "yield* choose(int(0, 1_000_000));",
    "yield* choose(int(0, 7));",
  ),
  IPC167: entry("complete() in a background rule", "A background rule belongs to no operation.", "k.complete(thread, {})", "k.completeOf(take, thread, {})"),
  IPC168: entry(
    "state that the kernel does not list",
    "Every group of state that rules use stands in `state` of the kernel or the object type.",
    "kernel({ state: [], … })",
    "kernel({ state: [mailbox], … })",
  ),
  IPC169: entry(
    "a loop in a predicate",
    "Waits and invariants become single expressions; loops over a known number of elements are unrolled, others cannot be.",
    "while (i < n) { … }",
    "for (const t of k.threads) { … }",
  ),
  IPC170: entry(
    "a range that cannot be inferred",
    "The smallest interval that contains every value of the local does not exist within 32 bits, or the analysis cannot find it. A declared range makes leaving it a violation with a trace.",
    "let n = 0;\nwhile (true) { n = n + 1; yield* head.store(n % 4); }",
    "let n = local(int(0, 100), 0);",
  ),
  IPC171: entry(
    "arithmetic that may leave 32 bits",
    "An intermediate result may not fit into 32 bits. JavaScript would go on with a larger number, a machine would wrap: neither is assumed.",
    "a * b * c",
    "(a * b) % 1024",
  ),
  IPC172: entry(
    "a domain that a general client cannot use",
    "A thread that does anything needs a list of values for every argument.",
    "args: { where: address }",
    "args: { where: address }, general: false",
  ),
  IPC173: entry(
    "a spinning thread that the kernel can halt",
    `Under \`scheduling: "priority"\` a thread that spins at a waitUntil keeps its CPU, and this kernel can take the CPU from a
thread that it halts (suspends, or leaves without a scheduling context). The two together are not supported.`,
    'scheduling: "priority", … yield* waitUntil(turn, (value) => value === 1);',
    'scheduling: "free", … or wait in the kernel',
  ),
};

export type CompilerCode = `IPC1${number}`;
