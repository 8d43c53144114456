import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { cutAttachments, restoreAttachments } from "../../src/anthropic/cut-attachments.ts";

const big = "QUJD".repeat(5000);
const bytesOf = (text: string) => new TextEncoder().encode(text);

/** The value of a JSON text, by way of cutting; undefined if it is not JSON. */
function read(json: string): unknown {
  const { bytes, attachments } = cutAttachments(bytesOf(json));
  const value = parse(new TextDecoder().decode(bytes));
  restoreAttachments(value, attachments);
  return value;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const image = (data: string) => ({
  type: "image",
  source: { type: "base64", media_type: "image/png", data },
});

test("pictures are cut out of the text, and put back", () => {
  const body = {
    messages: [{ role: "user", content: [image(big), { type: "text", text: "é“" }, image(`${big}AAAA`)] }],
  };
  for (const json of [JSON.stringify(body), JSON.stringify(body, null, 1)]) {
    const { bytes, attachments } = cutAttachments(bytesOf(json));
    expect(attachments).toEqual([big, `${big}AAAA`]);
    expect(bytes.length).toBeLessThan(1000);
    expect(read(json)).toEqual(body);
  }
});

describe("nothing is cut out of", () => {
  test.each([
    ["a short value", JSON.stringify(image("QUJD"))],
    ["a long text", JSON.stringify({ text: big })],
    ["a value with an escape", JSON.stringify(image(`${big}\\n`))],
    ["a value with white space", JSON.stringify(image(`${big}AAA `))],
    ["a text that looks like JSON", JSON.stringify({ text: `{"data":"${big}"}` })],
    ["a list", `{"data":["${big}"]}`],
  ])("%s", (_, json) => {
    expect(cutAttachments(bytesOf(json))).toEqual({ bytes: bytesOf(json), attachments: [] });
  });
});

/** JSON and nearly JSON, made of pieces that are confusing around a picture. */
const piece = fc.constantFrom(
  '"data"',
  '"data":',
  ":",
  ",",
  " ",
  "\n",
  '"',
  "\\",
  '\\"',
  "{",
  "}",
  "[",
  "]",
  "null",
  '"x"',
  "data",
  `"${big}"`,
  big,
  `"data":"${big}"`,
  `{"data" : "${big}"}`,
  `"a\\"data":"${big}"`,
  `"${big}\\""`,
  `{"data":"${big}\\n"}`,
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom<unknown>(big, "data", 1, '"data":"', null),
    tie("list"),
    tie("object"),
  ),
  list: fc.array(tie("any"), { maxLength: 3 }),
  object: fc.dictionary(fc.constantFrom("data", 'a"data', "x", "source"), tie("any"), { maxKeys: 3 }),
})).any;

test("any text means the same as without cutting", () => {
  const text = fc.oneof(
    fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join("")),
    fc.tuple(value, fc.constantFrom(undefined, 1)).map(([one, indent]) => JSON.stringify(one, null, indent)),
  );
  fc.assert(
    fc.property(text, (json) => expect(read(json)).toEqual(parse(json))),
    { numRuns: 500 },
  );
});
