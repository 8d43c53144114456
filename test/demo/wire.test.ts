import { expect, test } from "bun:test";
import { chatRequest, textOf } from "../../src/demo/wire.ts";

test("a request needs a model and a message, and may have anything else", () => {
  const request = {
    model: "m",
    messages: [{ role: "user", content: null }],
    temperature: "hot",
    tools: null,
  };
  expect(chatRequest.safeParse(request).success).toBe(true);
  for (const missing of [{ model: undefined }, { messages: [] }])
    expect(chatRequest.safeParse({ ...request, ...missing }).success).toBe(false);
});

test("the text of a message is that of its parts", () => {
  expect(textOf({ role: "user", content: "a" })).toBe("a");
  expect(textOf({ role: "user", content: [{ text: "a" }, { type: "image_url" }, { text: "b" }] })).toBe(
    "a  b",
  );
  expect(textOf({ role: "assistant" })).toBe("");
});
