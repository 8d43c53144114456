import { describe, expect, test } from "bun:test";
import { assistant, call, image, messagesFor, result, text, user } from "../../../support/chat-requests.ts";

describe("users and assistants", () => {
  test("a string equals a text block, and consecutive messages of a role are merged", () => {
    expect(messagesFor([user("a")])).toEqual(messagesFor([user(text("a"), text(""))]));
    expect(messagesFor([user("a"), user(text("b"))])).toEqual([{ role: "user", content: "a\n\nb" }]);
  });

  test("turns of the user are merged where the answer between them is left out", () => {
    const thought = { type: "thinking", thinking: "Hm", signature: "s" };
    const seen = user(text("c"), image);
    expect(messagesFor([user("a"), assistant(thought), user("b")], { backend: "openai" })).toEqual([
      { role: "user", content: "a\n\nb" },
    ]);
    expect(messagesFor([user("a"), assistant(text("")), seen, assistant(text("")), user("d")])).toMatchObject(
      [{ role: "user", content: [text("a"), text("c"), { type: "image_url" }, text("d")] }],
    );
  });

  test("empty turns still separate their neighbors", () => {
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
  test("an assistant message with only calls has no content", () => {
    const list = [user("a"), assistant(call("t1")), user(result("t1", "x"))];
    expect(messagesFor(list)[1]?.content).toBeNull();
    expect(messagesFor(list, { backend: "mistral" })[1]?.content).toBe("");
  });

  test("every call has one result, and a result without a call becomes text", () => {
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
});

test("a conversation without content is still sent", () => {
  expect(messagesFor([assistant(text(""))])).toEqual([{ role: "user", content: "(empty message)" }]);
});
