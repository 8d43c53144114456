import { expect, test } from "bun:test";
import fc from "fast-check";
import { DataUrl } from "../../../src/upstream/content/data-url.ts";

const urlOf = (type: string, data: string) => JSON.parse(JSON.stringify(DataUrl.of(type, data)));

test("base64 is put into a URL, without line breaks", () => {
  expect(urlOf("image/png", "QUJD")).toBe("data:image/png;base64,QUJD");
  expect(urlOf("image/png", "QU\r\nJD\n")).toBe("data:image/png;base64,QUJD");
});

test("nothing in a DataUrl has to be escaped in JSON", () => {
  const odd = fc.string({ unit: fc.constantFrom("Q", "=", '"', "\\", "é", "\n", "/", "+", ";") });
  fc.assert(
    fc.property(odd, odd, (type, data) => {
      const url = DataUrl.of(type, data);
      if (url instanceof DataUrl) expect(JSON.stringify(url)).toBe(`"${url.toJSON()}"`);
      else expect(url).toBe(`data:${type};base64,${data.replace(/\s+/g, "")}`);
    }),
  );
});
