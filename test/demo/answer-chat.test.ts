import { describe, expect, test } from "bun:test";
import { answerChat } from "../../src/demo/answer-chat.ts";
import { chatRequest } from "../../src/demo/wire.ts";

const user = (content: unknown) => ({ role: "user", content });
const tool = (name: string, ...required: string[]) => ({
  type: "function",
  function: { name, parameters: { type: "object", properties: {}, required } },
});
const answer = (messages: readonly object[], more: object = {}) =>
  answerChat(chatRequest.parse({ model: "any", messages, ...more }));

test("an answer says what it is, and repeats the question", () => {
  const { text, reasoning, call } = answer([user("Hello there")]);
  expect(text).toContain("demo backend, not a model");
  expect(text).toContain("“Hello there”");
  expect(text).toContain("--demo");
  expect(reasoning).not.toBe("");
  expect(call).toBeUndefined();
});

test("text parts are read, and a long text is shortened", () => {
  const words = Array.from({ length: 40 }, (_, index) => `w${index}`).join(" ");
  const { text } = answer([user([{ type: "text", text: words }])]);
  expect(text).toContain("“w0 w1");
  expect(text).not.toContain("w39");
  expect(answer([user([{ type: "image_url" }])]).text).toContain("nothing in words");
});

test("what the client has added is not repeated", () => {
  const reminder = { type: "text", text: "<system-reminder>\nToday is Monday\n</system-reminder>" };
  const { text } = answer([user([reminder, { type: "text", text: "Hello" }, reminder])]);
  expect(text).toContain("You said “Hello”.");
});

describe("JSON", () => {
  const format = (type: string, schema?: object) => ({
    response_format: { type, ...(schema && { json_schema: { name: "n", schema } }) },
  });

  test("has the shape that is asked for", () => {
    const schema = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
    expect(JSON.parse(answer([user("Hi")], format("json_schema", schema)).text)).toEqual({ n: 1 });
    expect(JSON.parse(answer([user("Hi")], format("json_object")).text)).toBeObject();
    expect(answer([user("Hi")], format("text")).text).toContain("“Hi”");
  });
});

describe("the result of a tool", () => {
  const after = (content: string) => {
    const call = { id: "c", type: "function", function: { name: "List", arguments: "{}" } };
    const messages = [user("Hi"), { role: "assistant", tool_calls: [call] }, { role: "tool", content }];
    return answer(messages, { tools: [tool("List")] }).text;
  };

  test("is shown by its first line, without a number, and the count of lines", () => {
    expect(after("1\t# Title\n2\t\n3\tText\n4\t")).toContain("3 lines, which begin with “# Title”");
    const reminded = "1\t# Title\n2\tText\n3\n\n<system-reminder>\nx\n</system-reminder>";
    expect(after(reminded)).toContain("2 lines, which begin with “# Title”");
    expect(after("a file")).toContain("Your tool answered “a file”");
  });

  test("is called a failure if it is one", () => {
    expect(after("Error: no permission")).toContain("Your tool failed: “Error: no permission”");
  });
});
