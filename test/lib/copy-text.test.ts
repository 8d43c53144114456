import { expect, test } from "bun:test";
import fc from "fast-check";
import { copyText, GrowingText } from "../../src/lib/copy-text.ts";
import { measureKept } from "../support/patient-sender.ts";

const length = 100_000;
const count = 50;

/** Of each of many long texts a part is kept; the result is the bytes that each part keeps. */
async function measureParts(letter: string, keep: (whole: string, at: number) => unknown): Promise<number> {
  const before = await measureKept();
  const kept = Array.from({ length: count }, (_, at) =>
    keep(`${at}${letter.repeat(length)}`.toUpperCase(), at),
  );
  const grown = (await measureKept()) - before;
  // So that they live until here.
  expect(kept).toHaveLength(count);
  return grown / count;
}

test.each(["x", "é", "日"].flatMap((letter) => [5, 50, 5000].map((size) => ({ letter, size }))))(
  "a copied slice does not keep what it is cut from: $letter, $size",
  async ({ letter, size }) => {
    const slice = await measureParts(letter, (whole) => whole.slice(2, 2 + size));
    const copy = await measureParts(letter, (whole) => copyText(whole.slice(2, 2 + size)));
    expect(slice).toBeGreaterThan(length / 2);
    expect(copy).toBeLessThan(length / 2);
  },
);

test("a growing text keeps few of the texts that its pieces are cut from", async () => {
  const pieces = 40;
  const texts: GrowingText[] = [];
  const kept = await measureParts("x", (whole, at) => {
    const text = at % pieces === 0 ? new GrowingText() : texts[0];
    text?.add(whole.slice(10, 20));
    if (text && at % pieces === 0) texts.unshift(text);
    return text;
  });
  expect(kept).toBeLessThan(length / 2);
});

test("a copy is the same text, and a growing text is all its pieces", () => {
  const anyText = fc.string({ unit: "binary" });
  const pieces = fc.array(fc.record({ piece: anyText, isRead: fc.boolean() }), { maxLength: 40 });
  fc.assert(
    fc.property(pieces, (all) => {
      const growing = new GrowingText();
      let whole = "";
      for (const { piece, isRead } of all) {
        expect(copyText(piece)).toBe(piece);
        growing.add(piece);
        whole += piece;
        expect(growing.length).toBe(whole.length);
        if (isRead) expect(growing.text).toBe(whole);
      }
      expect(growing.text).toBe(whole);
    }),
  );
  expect(copyText("a\ud83d")).toBe("a\ud83d");
});
