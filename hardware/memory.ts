/** Physical memory: words of 32 bits at byte addresses that are multiples of four. */
export class PhysicalMemory {
  readonly words: Int32Array;
  /** The first address beyond. */
  readonly bytes: number;

  constructor(words: Int32Array) {
    this.words = words;
    this.bytes = words.length * 4;
  }

  contains(address: number): boolean {
    return address >= 0 && address < this.bytes && (address & 3) === 0;
  }

  read(address: number): number {
    return this.words[address >>> 2] as number;
  }

  write(address: number, value: number): void {
    this.words[address >>> 2] = value;
  }
}
