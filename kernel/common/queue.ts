/**
 * First-in-first-out queues of control blocks, linked through the blocks themselves, as kernels that must not allocate
 * keep them. A block is in at most one queue of a kind.
 */

export interface Queued {
  /** The queue it is in, and its neighbours there. */
  links: Links | null;
}
interface Links {
  readonly queue: { readonly name: string };
  previous: Queued | null;
  next: Queued | null;
}

export class Queue<T extends Queued> implements Iterable<T> {
  /** As reports print it. */
  readonly name: string;
  #head: T | null = null;
  #tail: T | null = null;

  constructor(name: string) {
    this.name = name;
  }

  get head(): T | null {
    return this.#head;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let block = this.#head; block !== null; block = (block.links?.next ?? null) as T | null) yield block;
  }

  has(block: T): boolean {
    return block.links?.queue === this;
  }

  /** Appends at the tail. */
  enqueue(block: T): void {
    if (block.links !== null) throw new Error(`already in ${block.links.queue.name}`);
    block.links = { queue: this, previous: this.#tail, next: null };
    if (this.#tail?.links) this.#tail.links.next = block;
    else this.#head = block;
    this.#tail = block;
  }

  remove(block: T): void {
    const { links } = block;
    if (links?.queue !== this) throw new Error(`not in ${this.name}`);
    if (links.previous?.links) links.previous.links.next = links.next;
    else this.#head = links.next as T | null;
    if (links.next?.links) links.next.links.previous = links.previous;
    else this.#tail = links.previous as T | null;
    block.links = null;
  }

  /** Whether the links agree in both directions; walks at most `limit` blocks. */
  consistent(limit: number): boolean {
    let previous: T | null = null;
    let walked = 0;
    for (const block of this) {
      if (++walked > limit || block.links?.queue !== this || block.links.previous !== previous) return false;
      previous = block;
    }
    return previous === this.#tail;
  }
}
