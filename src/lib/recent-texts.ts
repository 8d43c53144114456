/**
 * Remembers a text for each of the objects that were used last. A bounded map that costs one look at a time: an exact
 * order of use (`lru.ts`) takes three. There are two halves; when the new one is full, it becomes the old one, and what
 * was in that and not used since is dropped.
 */
export class RecentTexts {
  readonly #maxHalf: number;
  #fresh = new Map<object, string>();
  #old = new Map<object, string>();
  /** Characters in the new half. */
  #length = 0;

  /** @param max characters of all texts together; a text longer than half of that is not kept */
  constructor(max: number) {
    this.#maxHalf = max / 2;
  }

  get(key: object): string | undefined {
    const fresh = this.#fresh.get(key);
    if (fresh !== undefined) return fresh;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: object, text: string): void {
    if (text.length > this.#maxHalf) return;
    if (this.#length + text.length > this.#maxHalf) {
      this.#old = this.#fresh;
      this.#fresh = new Map();
      this.#length = 0;
    }
    this.#fresh.set(key, text);
    this.#length += text.length;
  }
}
