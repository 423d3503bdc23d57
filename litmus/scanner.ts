/** A character scanner with line and column, shared by the parsers of litmus files. */
import { LitmusError } from "./error.ts";

/** Reads tokens from `text` beginning at an offset; comments `(* … *)` and, if asked for, `//` and block comments are blanks. */
export class Scanner {
  readonly file: string;
  readonly text: string;
  at: number;
  readonly end: number;
  readonly #comments: boolean;

  constructor(file: string, text: string, options: { readonly from?: number; readonly to?: number; readonly c?: boolean } = {}) {
    this.file = file;
    this.text = text;
    this.at = options.from ?? 0;
    this.end = options.to ?? text.length;
    this.#comments = options.c ?? false;
  }

  /** Skips blanks and comments. */
  blank(): void {
    for (;;) {
      while (this.at < this.end && /\s/.test(this.text.charAt(this.at))) this.at++;
      const rest = this.text.slice(this.at, this.at + 2);
      if (rest === "(*") this.#skip("*)", 2);
      else if (this.#comments && rest === "/*") this.#skip("*/", 2);
      else if (this.#comments && rest === "//") this.#skip("\n", 1);
      else return;
    }
  }

  #skip(close: string, length: number): void {
    const start = this.at;
    const end = this.text.indexOf(close, this.at + 2);
    if (end < 0 || end + length > this.end) {
      if (close === "\n") this.at = this.end;
      else this.fail("this comment is not closed", start);
    } else this.at = end + length;
  }

  get done(): boolean {
    this.blank();
    return this.at >= this.end;
  }

  /** Whether `token` comes next; does not move. A word matches whole words only. */
  sees(token: string): boolean {
    this.blank();
    if (this.at + token.length > this.end || !this.text.startsWith(token, this.at)) return false;
    return !/\w$/.test(token) || !/\w/.test(this.text.charAt(this.at + token.length));
  }

  /** Moves past `token` if it comes next. */
  takes(token: string): boolean {
    if (!this.sees(token)) return false;
    this.at += token.length;
    return true;
  }

  expect(token: string, supported: string | null = null): void {
    if (!this.takes(token)) this.fail(`'${token}' is expected, not ${this.shown()}`, this.at, supported);
  }

  /** The text that matches the sticky expression, or null. */
  match(pattern: RegExp): string | null {
    this.blank();
    const sticky = new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/g, "")}y`);
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text)?.[0];
    if (found === undefined || this.at + found.length > this.end) return null;
    this.at += found.length;
    return found;
  }

  name(what: string): string {
    return this.match(/[A-Za-z_]\w*/) ?? this.fail(`${what} is expected, not ${this.shown()}`);
  }

  /** A decimal or hexadecimal 32-bit integer, if one comes next. */
  integer(): number | null {
    const start = this.at;
    const digits = this.match(/-?(0[xX][0-9a-fA-F]+|\d+)(?!\w)/);
    if (digits === null) return null;
    const value = digits.startsWith("-") ? -Number(digits.slice(1)) : Number(digits);
    if (value < -0x8000_0000 || value > 0xffff_ffff) this.fail(`${digits} does not fit into 32 bits`, start);
    return value | 0;
  }

  /** What comes next, for messages. */
  shown(): string {
    if (this.done) return "the end";
    return `'${/^(\w+|\S)/.exec(this.text.slice(this.at, this.end))?.[0] ?? ""}'`;
  }

  fail(reason: string, at: number = this.at, supported: string | null = null): never {
    const before = this.text.slice(0, Math.min(at, this.text.length)).split("\n");
    throw new LitmusError(this.file, before.length, (before.at(-1) ?? "").length + 1, reason, supported);
  }
}
