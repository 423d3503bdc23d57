/** Lists of numbers outside of the JavaScript heap, which a list of millions of states would fill. */
export class Growing {
  #items: Float64Array = new Float64Array(16);
  length = 0;

  push(item: number): void {
    if (this.length === this.#items.length) {
      const larger = new Float64Array(2 * this.length);
      larger.set(this.#items);
      this.#items = larger;
    }
    this.#items[this.length++] = item;
  }
  /** The list as it is now. */
  get items(): Float64Array {
    return this.#items.subarray(0, this.length);
  }
}

/** Ascending, each number once. */
export function ascending(...lists: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  all.sort();
  let kept = 0;
  for (let i = 0; i < all.length; i++) if (i === 0 || all[i] !== all[i - 1]) all[kept++] = all[i] ?? 0;
  return all.subarray(0, kept);
}

/** Where a number stands first in an ascending list; -1: nowhere. */
export function placeOf(list: Float64Array, item: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] ?? 0) < item) low = middle + 1;
    else high = middle;
  }
  return list[low] === item ? low : -1;
}
