import { describe, expect, test } from "bun:test";
import { assistant, call, messagesFor, result, text, user } from "../../../support/chat-requests.ts";

describe("users and assistants", () => {
  test("a string equals a text block, and consecutive messages of a role are merged", () => {
    expect(messagesFor([user("a")])).toEqual(messagesFor([user(text("a"), text(""))]));
    expect(messagesFor([user("a"), user(text("b"))])).toEqual([{ role: "user", content: "a\n\nb" }]);
  });

  test("empty turns still separate their neighbours", () => {
    expect(
      messagesFor([user("a"), assistant(text("b")), user(text("")), assistant(text("c")), user("d")])[2],
    ).toEqual({
      role: "user",
      content: "(empty message)",
    });
  });

  test("the assistant's texts are joined without a separator, and empty ones dropped", () => {
    expect(messagesFor([user("a"), assistant(text("b"), text(""), text("c")), user("d")])[1]).toEqual({
      role: "assistant",
      content: "bc",
    });
  });
});

describe("calls and results", () => {
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

  test("an assistant message with only calls has no content", () => {
    const list = [user("a"), assistant(call("t1")), user(result("t1", "x"))];
    expect(messagesFor(list)[1]?.content).toBeNull();
    expect(messagesFor(list, { backend: "mistral" })[1]?.content).toBe("");
  });

  test("calls without a result, results without a call, and two results for one call", () => {
    expect(messagesFor([user("a"), assistant(call("t1")), user("stop")]).slice(2)).toEqual([
      { role: "tool", tool_call_id: "t1", content: "[The call was interrupted and has no result]" },
      { role: "user", content: "stop" },
    ]);
    expect(messagesFor([user("a"), assistant(call("t1"))]).at(-1)).toMatchObject({ role: "tool" });
    expect(messagesFor([user(result("gone", "found"), text("b"))])).toEqual([
      { role: "user", content: "[Result of tool call gone]\n\nfound\n\nb" },
    ]);
    expect(
      messagesFor([user("a"), assistant(call("t1")), user(result("t1", "old"), result("t1", "new"))])[2]
        ?.content,
    ).toBe("new");
  });

  test("ids are valid for the backend, equal in call and result, and unique", () => {
    const list = [
      user("a"),
      assistant(call("toolu_01ABC"), call("functions.x:1")),
      user(result("toolu_01ABC", "1"), result("functions.x:1", "2")),
    ];
    const ids = (backend: "generic" | "mistral") =>
      messagesFor(list, { backend }).flatMap((one) =>
        one.role === "tool"
          ? [one.tool_call_id]
          : one.role === "assistant"
            ? (one.tool_calls ?? []).map(({ id }) => id)
            : [],
      );
    const [first, second, third, fourth] = ids("generic");
    expect([first, third]).toEqual(["toolu_01ABC", "toolu_01ABC"]);
    expect(second).toMatch(/^call_[0-9a-f]{24}$/);
    expect(fourth).toBe(second ?? "");
    const short = ids("mistral");
    expect(short.every((id) => /^[A-Za-z0-9]{9}$/.test(id))).toBe(true);
    expect(new Set(short).size).toBe(2);
    expect(ids("mistral")).toEqual(short);
  });
});

test("calls that share an id get unique ids, and their results stay in order", () => {
  const list = [
    user("a"),
    assistant(call("call_0"), call("call_0")),
    user(result("call_0", "one"), result("call_0", "two")),
    assistant(call("call_0")),
    user(result("call_0", "three")),
  ];
  const tools = messagesFor(list).filter((one) => one.role === "tool");
  expect(tools.map(({ content }) => content)).toEqual(["one", "two", "three"]);
  expect(new Set(tools.map(({ tool_call_id }) => tool_call_id)).size).toBe(3);
});

test("a conversation without content is still sent", () => {
  expect(messagesFor([assistant(text(""))])).toEqual([{ role: "user", content: "(empty message)" }]);
});
