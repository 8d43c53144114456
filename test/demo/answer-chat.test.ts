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
  expect(text).toContain("w39”");
  expect(text).not.toContain("w20");
  expect(answer([user([{ type: "image_url" }])]).text).toContain("nothing in words");
});

describe("choice of tool", () => {
  test.each([
    [["Bash", "Write", "Edit", "Task"], undefined],
    [["delete_file", "get_and_delete", "WebFetch", "search_and_replace"], undefined],
    [["Bash", "Glob"], "Glob"],
    [["get_weather"], "get_weather"],
    [["mcp__files__list_directory"], "mcp__files__list_directory"],
  ])("of %j it calls %p", (names, expected) => {
    expect(answer([user("Hi")], { tools: names.map((name) => tool(name)) }).call?.name).toBe(
      expected as string,
    );
  });

  test("the tool with the fewest required arguments is preferred", () => {
    const tools = [tool("Read", "file_path", "limit"), tool("List")];
    expect(answer([user("Hi")], { tools }).call).toEqual({ name: "List", arguments: "{}" });
  });

  test("none is called where none is allowed, or after a result", () => {
    const tools = [tool("List")];
    expect(answer([user("Hi")], { tools, tool_choice: "none" }).call).toBeUndefined();
    const results = [user("Hi"), { role: "assistant" }, { role: "tool", content: "a file" }];
    const { call, text } = answer(results, { tools });
    expect(call).toBeUndefined();
    expect(text).toContain("Your tool answered “a file”");
  });

  test("one demanded by name is called unless it is risky", () => {
    const demand = (name: string) =>
      answer([user("Hi")], { tools: [tool("List"), tool(name)], tool_choice: { function: { name } } }).call
        ?.name;
    expect(demand("person_record")).toBe("person_record");
    expect(demand("run_command")).toBeUndefined();
  });
});
