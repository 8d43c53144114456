import { expect, test } from "bun:test";
import { assistant, call, messagesFor, result, text, user } from "../../../support/chat-requests.ts";

test("results come in the order of the calls, then the rest", () => {
  const list = [
    user("a"),
    assistant(text("b"), call("t1", "Read", { x: 1 }), call("t2")),
    user(result("t2", "two"), result("t1", "one"), text("go")),
  ];
  expect(messagesFor(list)).toEqual([
    { role: "user", content: "a" },
    {
      role: "assistant",
      content: "b",
      tool_calls: [
        { id: "t1", type: "function", function: { name: "Read", arguments: '{"x":1}' } },
        { id: "t2", type: "function", function: { name: "Read", arguments: "{}" } },
      ],
    },
    { role: "tool", tool_call_id: "t1", content: "one" },
    { role: "tool", tool_call_id: "t2", content: "two" },
    { role: "user", content: "go" },
  ]);
});

test("errors are marked, and an empty result gets a placeholder", () => {
  const content = (given: unknown, more = {}) =>
    messagesFor([user("a"), assistant(call("t1")), user(result("t1", given, more))])[2]?.content;
  expect(content("boom", { is_error: true })).toBe("Error: boom");
  expect(content("Error: boom", { is_error: true })).toBe("Error: boom");
  expect(content(undefined)).toBe("(no output)");
  expect(content([])).toBe("(no output)");
  expect(content("")).toBe("(no output)");
  expect(content([text("a"), text("b")])).toBe("a\nb");
});
