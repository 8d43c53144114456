/** An ASCII text of megabytes in pieces: one string of them would be another copy, which the collector frees late. */
export class LongText {
  readonly #pieces: readonly string[];

  constructor(pieces: readonly string[]) {
    this.#pieces = pieces;
  }

  /** New bytes, each of which is written only once. */
  encode(): Uint8Array<ArrayBuffer> {
    const length = this.#pieces.reduce((sum, piece) => sum + piece.length, 0);
    const bytes = Buffer.allocUnsafeSlow(length);
    let at = 0;
    for (const piece of this.#pieces) at += bytes.write(piece, at, "latin1");
    return bytes;
  }

  toString(): string {
    return this.#pieces.join("");
  }
}
