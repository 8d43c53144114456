import { estimateShallowMemoryUsageOf } from "bun:jsc";
import { expect, test } from "bun:test";
import fc from "fast-check";
import { DataUrl } from "../../../src/upstream/content/data-url.ts";
import { formOf, toAscii } from "../../../src/upstream/content/known-forms.ts";

const formed = (value: object) => formOf(value, (url) => url.toJSON());

test("a form is the value's JSON, also when it is known", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.string({ unit: "grapheme" }),
      (value, text) => {
        const long = { ...value, text: text.repeat(300) };
        for (const one of [value, long])
          for (const form of [formed(one), formed(one), toAscii(JSON.stringify(one))])
            expect(JSON.parse(form)).toEqual(JSON.parse(JSON.stringify(one)));
      },
    ),
  );
});

test("half of a surrogate pair, which some parsers refuse, is replaced", () => {
  expect(JSON.parse(formed([`${"a".repeat(300)}\ud83d`]))).toEqual([`${"a".repeat(300)}\ufffd`]);
});

test("it is ASCII unless that makes it much longer", () => {
  expect(formed([`${"naïve ".repeat(3)}${"plain ".repeat(40)}`])).toMatch(/^[ -~]+$/);
  const japanese = ["これは、数が違う文です。".repeat(30)];
  expect(formed(japanese)).toBe(JSON.stringify(japanese));
});

test("ASCII takes one byte a letter", () => {
  const form = formed([`“naïve” ${"plain ".repeat(1000)}`]);
  expect(estimateShallowMemoryUsageOf(form)).toBeLessThan(1.5 * form.length);
});

test("attachments are replaced wherever they are, and that is not remembered", () => {
  const long = "a".repeat(300);
  const url = DataUrl.of("image/png", "QUJD");
  const value = { list: [{ url }, long], url, count: 1, nothing: null };
  const replaced = { ...value, list: [{ url: "here" }, long], url: "here" };
  expect(JSON.parse(formOf(value, () => "here"))).toEqual(replaced);
  expect(JSON.parse(formed(value))).toEqual(JSON.parse(JSON.stringify(value)));
});
