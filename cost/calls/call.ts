/** One call and its reply, as each kernel does it: what the comparison of kernels runs. */
import { int, record } from "../../model/language/domain.ts";
import { type Cell, type CellArray, type Domain, type Op, step } from "../../model/language/index.ts";
import type { Protocol } from "../../model/language/protocol.ts";

export interface CallOptions {
  /** Bytes that the request carries, and the reply: whole words. */
  readonly bytes: number;
  /** 1: client and server share a CPU; 2: each has its own. */
  readonly cpus: 1 | 2;
  /** How often the client calls. */
  readonly calls: number;
  /** Called in the server when a request has come. */
  readonly received: () => void;
  /** Called in the client when a call has returned. */
  readonly returned: () => void;
}

/** A way to call: a kernel's own, or one of several. */
export interface Calling {
  readonly name: string;
  /** What a call is there, in a sentence. */
  readonly how: string;
  /** The longest message, in bytes. */
  readonly longest: number;
  /** The most CPUs that the kernel runs on, where that is one. Default 2. */
  readonly mostCpus?: 1;
  /** The first thread is the server, the second the client. */
  protocol(options: CallOptions): Protocol;
}

type Words = Readonly<Record<string, number>>;

/** A message of so many words. What stands in them costs nothing; domains of one value keep kernels small that look at all messages. */
export function words(bytes: number): Domain<Words> {
  const names = Array.from({ length: bytes / 4 }, (_, index) => `w${index}`);
  return record(Object.fromEntries(names.map((name) => [name, int(0, 0)]))) as unknown as Domain<Words>;
}

/** Some contents for it. */
export function contents(bytes: number): Words {
  return Object.fromEntries(Array.from({ length: bytes / 4 }, (_, index) => [`w${index}`, 0]));
}

/** Memory that carries a message where only its address travels. */
export type Buffer = CellArray<Cell<number>>;

/** Writes a message into it. */
export function fill(buffer: Buffer): Op<void> {
  return step({
    do: () => {
      for (let word = 0; word < buffer.length; word++) buffer.at(word).value = word;
    },
  });
}

/** Reads the message in it. */
export function look(buffer: Buffer): Op<void> {
  return step({
    do: () => {
      for (let word = 0; word < buffer.length; word++) buffer.at(word).value;
    },
  });
}
