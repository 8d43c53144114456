import { expect, test } from "bun:test";
import fc from "fast-check";
import { LongText } from "../../src/lib/long-text.ts";

test("the bytes of a long text are its pieces, one after another", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme-ascii", maxLength: 300 })), (pieces) => {
      const text = new LongText(pieces);
      expect(new TextDecoder().decode(text.encode())).toBe(pieces.join(""));
      expect(String(text)).toBe(pieces.join(""));
    }),
  );
});
