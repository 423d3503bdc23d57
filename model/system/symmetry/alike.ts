/**
 * Whether one piece of code, after an exchange of replicas, is another. Most code of symmetric replicas is alike statement by
 * statement: then only the constants and variables that were noted when it was typed have to be compared. What is not is
 * written out as text, up to the order of what does not depend on each other.
 */
import type { Code, Expr } from "../system.ts";
import type { NormalForm } from "./normal-form.ts";
import type { Term } from "./sorts.ts";
import type { Scope, Typing } from "./typing.ts";

export class Alike {
  readonly #typing: Typing;
  /** Of what is exchanged, and of what it is to be like. */
  readonly #before: NormalForm;
  readonly #after: NormalForm;

  constructor(typing: Typing, before: NormalForm, after: NormalForm) {
    this.#typing = typing;
    this.#before = before;
    this.#after = after;
  }

  /** `given` and `there`: how the first temporaries of the two are typed. */
  code(a: Code, b: Code, given: readonly Term[], there: readonly Term[]): boolean {
    if (this.#pieces(a, b)) return true;
    const loose = this.#before.loosely(a, given);
    return (loose !== null && loose === this.#after.loosely(b, there)) || this.#before.code(a, given) === this.#after.code(b, there);
  }

  /** Expressions that are tested as truths; null: there is none. */
  truth(a: Expr | null | undefined, b: Expr | null | undefined, scope: Scope, other: Scope): boolean {
    if (a == null || b == null) return a == null && b == null;
    return this.#pieces(a, b) || this.#before.expression(a, null, scope) === this.#after.expression(b, null, other);
  }

  /** Elements of variables. */
  element(a: number, index: Expr | null, b: number, there: Expr | null, scope: Scope, other: Scope): boolean {
    if (index !== null && there !== null && this.#pieces(index, there)) return true;
    return this.#before.place(a, index, scope) === this.#after.place(b, there, other);
  }

  #pieces(a: Code | Expr, b: Code | Expr): boolean {
    const [mine, theirs] = [this.#typing.piece(a), this.#typing.piece(b)];
    if (mine === null || theirs === null || mine.shape !== theirs.shape) return false;
    for (let i = 0; i < mine.variables.length; i++) if (this.#before.variable(mine.variables[i] ?? -1) !== theirs.variables[i]) return false;
    for (let i = 0; i < mine.slots.length; i++) {
      const slot = mine.slots[i];
      if (slot === undefined || this.#before.value(slot.value, slot.term) !== theirs.slots[i]?.value) return false;
    }
    return true;
  }
}
