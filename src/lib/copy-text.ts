/**
 * Texts that keep nothing but their own characters. A slice of a string refers to the whole string, and a
 * concatenation to its parts until its characters are read: three letters that are kept for long may hold the memory of
 * a whole read.
 */

/**
 * The same text in memory of its own. Most ways to copy a string only add a reference to it, and a clone takes longer;
 * joining a list of two strings allocates.
 */
export function copyText(text: string): string {
  return ["", text].join("");
}

/** How many pieces are kept as they are: copying them together is faster than one by one. */
const maxPieces = 8;

/** A text that grows by pieces of other texts. */
export class GrowingText {
  #text = "";
  #recent = "";
  #pieces = 0;

  add(piece: string): void {
    this.#recent += piece;
    this.#pieces += 1;
    if (this.#pieces < maxPieces) return;
    this.#text += copyText(this.#recent);
    this.#recent = "";
    this.#pieces = 0;
  }

  get text(): string {
    if (this.#pieces > 0) {
      this.#text += this.#recent;
      this.#recent = "";
      this.#pieces = 0;
    }
    return this.#text;
  }

  get length(): number {
    return this.#text.length + this.#recent.length;
  }
}
