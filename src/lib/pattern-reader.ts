/** A pattern while it is parsed: what comes next, and what is wrong with it. */
export class PatternReader {
  readonly #source: string;
  readonly #fail: (message: string) => Error;
  #at = 0;

  /** @param fail makes the error for a pattern that cannot be read */
  constructor(source: string, fail: (message: string) => Error) {
    this.#source = source;
    this.#fail = fail;
  }

  /** The next character, which may be two UTF-16 units; undefined at the end. */
  peek(): string | undefined {
    const code = this.#source.codePointAt(this.#at);
    return code === undefined ? undefined : String.fromCodePoint(code);
  }

  /** Throws at the end. */
  take(): string {
    const character = this.peek();
    if (character === undefined) this.fail("The pattern ends too early");
    this.#at += character.length;
    return character;
  }

  skip(words: string): boolean {
    const follows = this.#source.startsWith(words, this.#at);
    if (follows) this.#at += words.length;
    return follows;
  }

  /** Takes what a sticky expression finds next, as its groups; undefined if it finds nothing. */
  match(sticky: RegExp): readonly (string | undefined)[] | undefined {
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#source) ?? undefined;
    this.#at += found?.[0].length ?? 0;
    return found?.slice(1);
  }

  fail(message: string): never {
    throw this.#fail(message);
  }
}
