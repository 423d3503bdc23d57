/** What cannot be read, and where: the one error that the litmus front ends throw. */

/** An unreadable litmus file. `line` and `column` count from 1; 0 where the whole file is meant. */
export class LitmusError extends Error {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The message without the place. */
  readonly reason: string;
  constructor(file: string, line: number, column: number, reason: string, supported: string | null = null) {
    super(`${line === 0 ? file : `${file}:${line}:${column}`}: ${reason}${supported === null ? "" : `\n  supported: ${supported}`}`);
    this.name = "LitmusError";
    this.file = file;
    this.line = line;
    this.column = column;
    this.reason = reason;
  }
}
