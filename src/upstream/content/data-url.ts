/**
 * A file as a URL. Its base64 and its media type need no escaping in JSON, so that no serializer has to look at its
 * millions of characters.
 */
import { isBase64 } from "../../lib/is-base64.ts";

const plainType = /^[\w/+.-]*$/;

export class DataUrl {
  /** In ASCII. JSON needs to escape nothing in them. */
  readonly pieces: readonly [head: string, base64: string];

  private constructor(head: string, base64: string) {
    this.pieces = [head, base64];
  }

  /** @param base64 may be broken into lines, as some clients do */
  static of(mediaType: string, base64: string): DataUrl | string {
    const head = `data:${mediaType};base64,`;
    if (!isBase64(base64)) return head + base64.replace(/\s+/g, "");
    return plainType.test(mediaType) ? new DataUrl(head, base64) : head + base64;
  }

  /** The URL as JSON has it. */
  toJSON(): string {
    return this.pieces.join("");
  }
}
