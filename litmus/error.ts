/** What cannot be read, and where: the one error that the litmus front ends throw. */

/** An unreadable litmus file. `line` and `column` count from 1. */
export class LitmusError extends Error {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The message without the place. */
  readonly reason: string;
  constructor(file: string, line: number, column: number, reason: string, supported: string | null = null) {
    super(`${file}:${line}:${column}: ${reason}${supported === null ? "" : `\n  supported: ${supported}`}`);
    this.name = "LitmusError";
    this.file = file;
    this.line = line;
    this.column = column;
    this.reason = reason;
  }
}
