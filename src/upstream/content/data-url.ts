/**
 * A file as a URL. It is made of base64 and a media type that JSON need not escape, so nobody has to look at its
 * millions of characters again.
 */
import { isBase64 } from "../../lib/is-base64.ts";

const plainType = /^[\w/+.-]*$/;

export class DataUrl {
  readonly #url: string;

  private constructor(url: string) {
    this.#url = url;
  }

  /** @param base64 may be broken into lines, as some clients do */
  static of(mediaType: string, base64: string): DataUrl | string {
    const isWhole = isBase64(base64);
    const url = `data:${mediaType};base64,${isWhole ? base64 : base64.replace(/\s+/g, "")}`;
    return isWhole && plainType.test(mediaType) ? new DataUrl(url) : url;
  }

  /** The URL as JSON has it. */
  toJSON(): string {
    return this.#url;
  }
}
