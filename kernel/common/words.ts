/**
 * Values as machine words: how a value of a domain lies in memory or in message registers. Booleans are 0 and 1, enums
 * positions, threads numbers (-1: nobody), records their fields in order, a queue its fill and then its slots.
 *
 * Caller holds: nothing.
 */
import { type DomainShape, elementOf, nobody, type ThreadHandle } from "../../model/language/domain.ts";
import { OutOfRange } from "../../model/language/operation.ts";

/** Converts between values and single words. */
export interface Scalar {
  encode(value: unknown, name: string): number;
  decode(word: number): unknown;
}

/** Converts between values of one domain and words. */
export interface WordFormat {
  /** Number of words. */
  readonly size: number;
  /** The same for a domain whose values are one word each, without the list around it. */
  readonly scalar: Scalar | null;
  /** Whether the words of a value always give an equal one back: nothing wraps, and threads are not among it. */
  readonly isExact: boolean;
  /** Throws {@link OutOfRange} if `value` is not in the domain and does not wrap into it. `name` is for the message. */
  encode(value: unknown, name: string): readonly number[];
  /** Reads from `word(0)` to `word(size - 1)`. */
  decode(word: (offset: number) => number): unknown;
}

/** The id in a native thread value; any other value is a mistake that types would have caught. */
export function threadNumber(value: unknown, name: string): number {
  if (typeof value === "object" && value !== null && "id" in value && typeof value.id === "number") return value.id;
  throw new OutOfRange(`${name} must be a thread, not ${String(value)}`);
}

/** A value as words, for one domain of a protocol with these threads. */
export function wordFormat(domain: DomainShape, threads: readonly ThreadHandle[]): WordFormat {
  const scalar = (encode: (value: unknown, name: string) => number, decode: (word: number) => unknown, isExact = true): WordFormat => ({
    size: 1,
    isExact,
    scalar: { encode, decode },
    encode: (value, name) => [encode(value, name)],
    decode: (word) => decode(word(0)),
  });
  switch (domain.kind) {
    case "int": {
      const { min, max, wraps } = domain;
      return scalar(
        (value, name) => {
          if (typeof value !== "number" || !Number.isInteger(value)) throw new OutOfRange(`${name} = ${String(value)} is not an integer`);
          if (wraps) return ((value % (max + 1)) + (max + 1)) % (max + 1);
          if (value < min || value > max) throw new OutOfRange(`${name} = ${value} is outside ${min}..${max}`);
          return value;
        },
        (word) => word,
        !wraps,
      );
    }
    case "boolean":
      return scalar(
        (value, name) => {
          if (typeof value !== "boolean") throw new OutOfRange(`${name} = ${String(value)} is not a boolean`);
          return value ? 1 : 0;
        },
        (word) => word !== 0,
      );
    case "enum":
      return scalar(
        (value, name) => {
          const { values } = domain;
          for (let position = 0; position < values.length; position++) if (values[position] === value) return position;
          throw new OutOfRange(`${name} = "${String(value)}" is none of ${values.join(", ")}`);
        },
        (word) => domain.values[word],
      );
    case "thread":
      return scalar(
        (value, name) => threadNumber(value, name),
        (word) => threads[word] ?? nobody,
        false,
      );
    case "address":
      return scalar(
        (value, name) => {
          if (typeof value !== "number" || !Number.isInteger(value) || value < -1) throw new OutOfRange(`${name} = ${String(value)} is not an address`);
          return value;
        },
        (word) => word,
      );
    case "ghost":
      return wordFormat(domain.of, threads);
    case "record": {
      let size = 0;
      const fields = Object.entries(domain.fields).map(([name, of]) => {
        const format = wordFormat(of, threads);
        const field = { name, format, at: size };
        size += format.size;
        return field;
      });
      const blank = Object.fromEntries(fields.map(({ name }) => [name, null]));
      // What the fields are called in messages; mostly it is the same record again.
      let called = "";
      let titles: readonly string[] = [];
      const titlesOf = (name: string): readonly string[] => {
        if (name === called && titles.length > 0) return titles;
        called = name;
        titles = fields.map((field) => `${name}.${field.name}`);
        return titles;
      };
      return {
        size,
        scalar: null,
        isExact: fields.every(({ format }) => format.isExact),
        encode: (value, name) => {
          if (typeof value !== "object" || value === null) throw new OutOfRange(`${name} = ${String(value)} is not a record`);
          const words: number[] = [];
          const known = titlesOf(name);
          for (let index = 0; index < fields.length; index++) {
            const { name: part, format } = fields[index] as (typeof fields)[number];
            const element = (value as Record<string, unknown>)[part];
            const title = known[index] as string;
            if (format.scalar !== null) words.push(format.scalar.encode(element, title));
            else words.push(...format.encode(element, title));
          }
          return words;
        },
        decode: (word) => {
          const value: Record<string, unknown> = { ...blank };
          for (const { name, format, at } of fields)
            value[name] = format.scalar === null ? format.decode((offset) => word(at + offset)) : format.scalar.decode(word(at));
          return Object.freeze(value);
        },
      };
    }
    case "array": {
      const format = wordFormat(domain.of, threads);
      return {
        size: domain.length * format.size,
        scalar: null,
        isExact: format.isExact,
        encode: (value, name) => {
          if (!Array.isArray(value) || value.length !== domain.length) throw new OutOfRange(`${name} is not an array of ${domain.length} elements`);
          return value.flatMap((element: unknown, index) => format.encode(element, `${name}[${index}]`));
        },
        decode: (word) => Array.from({ length: domain.length }, (_, index) => format.decode((offset) => word(index * format.size + offset))),
      };
    }
    case "queue": {
      const format = wordFormat(domain.of, threads);
      const capacity = domain.capacity === "threads" ? threads.length : domain.capacity;
      const free = new Array<number>(format.size).fill(0);
      return {
        size: 1 + capacity * format.size,
        scalar: null,
        isExact: format.isExact,
        encode: (value, name) => {
          if (!Array.isArray(value)) throw new OutOfRange(`${name} is not a queue`);
          if (value.length > capacity) throw new OutOfRange(`${name} holds ${value.length} elements; its capacity is ${capacity}`);
          const slots = Array.from({ length: capacity }, (_, index) => (index < value.length ? format.encode(value[index], `${name}[${index}]`) : free));
          return [value.length, ...slots.flat()];
        },
        decode: (word) => Array.from({ length: word(0) }, (_, index) => format.decode((offset) => word(1 + index * format.size + offset))),
      };
    }
    case "cell":
    case "object":
      throw new TypeError(`a ${domain.kind} reference has no words`);
  }
}

/** The value at the start, as memory and kernel state have it (queues are empty). */
export function initialValue(domain: DomainShape): unknown {
  switch (domain.kind) {
    case "int":
    case "boolean":
    case "enum":
      return domain.init;
    case "thread":
      return nobody;
    case "address":
      return -1;
    case "ghost":
      return initialValue(domain.of);
    case "record":
      return Object.fromEntries(Object.entries(domain.fields).map(([name, of]) => [name, initialValue(of)]));
    case "array":
      return Array.from({ length: domain.length }, (_, index) => initialValue(elementOf(domain, index)));
    case "queue":
      return [];
    case "cell":
    case "object":
      return null;
  }
}
