import { expect, test } from "bun:test";
import { assistant, call, messagesFor, result, user } from "../../support/chat-requests.ts";

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
