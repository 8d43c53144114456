import { expect, test } from "bun:test";
import { parseTextCalls, type TextTool } from "../../../src/upstream/tools/parse-text-calls.ts";

const f: TextTool = {
  name: "f",
  toolset: undefined,
  schema: {
    type: "object",
    properties: { text: { type: "string" }, list: { type: "array" }, n: { type: "integer" } },
    required: ["text"],
  },
};
const parse = (text: string) => parseTextCalls(text, (name) => (name === "f" ? f : undefined));
const input = (text: string) => {
  const calls = parse(text);
  return typeof calls === "string" ? calls : calls.map((call) => call.input);
};

test("arguments in tags are what the schema wants", () => {
  const tag = (key: string, value: string) => `<parameter=${key}>${value}</parameter>`;
  expect(input(`<function=f>${tag("text", "5")}${tag("list", "[1]")}${tag("n", "5")}</function>`)).toEqual([
    { text: "5", list: [1], n: 5 },
  ]);
  expect(input(`<function=f>${tag("text", "a")}${tag("n", "five")}</function>`)).toBe("none");
  expect(input(`<function=f>${tag("other", "a")}</function>`)).toBe("none");
  expect(input(`<function=f>${tag("text", "\n a\n\n")}</function>`)).toEqual([{ text: " a\n" }]);
});

test("JSON as models write it is repaired", () => {
  expect(input(`{"name":"f","arguments":{"text":"a\nb",}}`)).toEqual([{ text: "a\nb" }]);
});

test("each beginning of calls may become one, until something speaks against it", () => {
  const whole = '<tool_call>{"name":"f","arguments":{"text":"a"}}</tool_call>';
  for (let end = 0; end < whole.length; end += 1) {
    const part = parse(whole.slice(0, end));
    expect([end, part === "none"]).toEqual([end, false]);
  }
  for (const text of ["<div ", "<b>", '{"name":"g"', '{"age":', `${whole} x`, "<function=g>", "text"])
    expect([text, parse(text)]).toEqual([text, "none"]);
});

test("a key may have any name", () => {
  expect(input("<function=f><parameter=__proto__>a</parameter></function>")).toBe("none");
});
