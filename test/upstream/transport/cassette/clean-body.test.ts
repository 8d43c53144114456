import { describe, expect, test } from "bun:test";
import { cleanBody } from "../../../../src/upstream/transport/cassette/clean-body.ts";

const clean = (text: string) => text.replaceAll("secret", "***");
const event = (value: object) => `data: ${JSON.stringify(value)}`;
const piece = (content: string, index = 0) => event({ choices: [{ index, delta: { content } }] });

test("a body without a secret is not changed, not even its spacing", () => {
  for (const body of ['{ "a" : "b" }', 'data: {"a": 1}\n\ndata: [DONE]\n\n', "plain text", ""])
    expect(cleanBody(body, clean)).toBe(body);
});

test("strings inside JSON are cleaned one by one", () => {
  const quoting = (text: string) => text.replace(/secret.*/, "***");
  expect(cleanBody('{"a":"my secret key","b":["secret",1],"c":true}', quoting)).toBe(
    '{"a":"my ***","b":["***",1],"c":true}',
  );
});

describe("a stream", () => {
  test("with a secret in one event has only that event changed", () => {
    const body = [event({ id: "secret" }), "", 'data: {"id" : 1}', "", "data: [DONE]", ""].join("\n");
    expect(cleanBody(body, clean)).toBe(body.replace("secret", "***"));
  });

  test("that spells a secret in pieces has all of the text in its first event", () => {
    const body = [piece("My sec"), piece("ret is"), piece(" out")].join("\n\n");
    expect(cleanBody(body, clean)).toBe([piece("My *** is out"), piece(""), piece("")].join("\n\n"));
  });

  test("keeps the texts of different choices apart", () => {
    const body = [piece("sec", 0), piece("ret", 1)].join("\n\n");
    expect(cleanBody(body, clean)).toBe(body);
  });

  test("of lines that are not events is cleaned as text", () => {
    expect(cleanBody(": a secret comment\ndata: broken secret {", clean)).toBe(
      ": a *** comment\ndata: broken *** {",
    );
  });

  test("of /responses that spells a secret in pieces is cleaned item by item", () => {
    const piece = (delta: string, output_index = 0) =>
      event({ type: "response.output_text.delta", output_index, delta });
    const whole = (text: string) => event({ type: "response.output_text.done", text });
    const body = [piece("My sec"), piece("ret", 1), piece("ret is"), whole("My secret is")].join("\n\n");
    expect(cleanBody(body, clean)).toBe(
      [piece("My *** is"), piece("ret", 1), piece(""), whole("My *** is")].join("\n\n"),
    );
  });
});
