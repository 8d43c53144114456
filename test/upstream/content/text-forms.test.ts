import { expect, test } from "bun:test";
import fc from "fast-check";
import { formOf, toAscii } from "../../../src/upstream/content/text-forms.ts";

test("a form is a JSON string of the text, also when it is known", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      for (const form of [formOf(text), formOf(text), toAscii(JSON.stringify(text))])
        expect(JSON.parse(form)).toBe(text);
    }),
  );
});

test("half of a surrogate pair, which some parsers refuse, is replaced", () => {
  expect(JSON.parse(formOf(`${"a".repeat(300)}\ud83d`))).toBe(`${"a".repeat(300)}\ufffd`);
});

test("a text is ASCII unless that makes it much longer", () => {
  expect(formOf(`${"naïve ".repeat(3)}${"plain ".repeat(40)}`)).toMatch(/^[ -~]+$/);
  const japanese = "これは、数が違う文です。".repeat(30);
  expect(formOf(japanese)).toBe(JSON.stringify(japanese));
});
