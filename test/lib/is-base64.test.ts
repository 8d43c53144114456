import { expect, test } from "bun:test";
import fc from "fast-check";
import { isBase64 } from "../../src/lib/is-base64.ts";

test("whatever is encoded is base64", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) =>
      expect(isBase64(Buffer.from(bytes).toString("base64"))).toBe(true),
    ),
  );
});

test.each([
  ["white space", "QUJ\n"],
  ["white space that makes the length right", "QU JDRA="],
  ["white space at the end", "QUJDRA  "],
  ["missing padding", "QUI"],
  ["padding in the middle", "QUI=QUJD"],
  ["the URL alphabet", "QUJ_"],
  ["a quote", 'QUJ"'],
  ["a backslash", "QUJ\\"],
  ["a control character", "QUJ\u0001"],
  ["letters beyond ASCII", "QUJé"],
])("a text with %s is not", (_, text) => {
  expect(isBase64(text)).toBe(false);
});
