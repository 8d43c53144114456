/** System messages inside a conversation, and the tool changes that they carry. */
import { describe, expect, test } from "bun:test";
import {
  assistant,
  call,
  image,
  imagePart,
  messagesFor,
  result,
  system,
  text,
  tool,
  user,
  writeChat,
  writtenFor,
} from "../../../support/chat-requests.ts";

describe("system messages inside the conversation", () => {
  const reminder = (words: string) => `<system-reminder>\n${words}\n</system-reminder>`;

  test("are folded into the message before them", () => {
    expect(messagesFor([user("a"), system("rule"), assistant(text("b")), user("c")])).toEqual([
      { role: "user", content: `a\n\n${reminder("rule")}` },
      { role: "assistant", content: "b" },
      { role: "user", content: "c" },
    ]);
  });

  test("join the last tool result and never become a user message after it", () => {
    expect(
      messagesFor([user("a"), assistant(call("t1")), user(result("t1", "x")), system(text("rule"))]).slice(2),
    ).toEqual([{ role: "tool", tool_call_id: "t1", content: `x\n\n${reminder("rule")}` }]);
  });

  test("are sent as such where the backend takes them, never between calls and results", () => {
    const list = [
      user("a"),
      system("one"),
      assistant(call("t1")),
      system("two"),
      user(result("t1", "x"), text("go")),
    ];
    const roles = messagesFor(list, { backend: "openai", model: "gpt-5.4" }).map(({ role }) => role);
    expect(roles).toEqual(["user", "developer", "assistant", "tool", "developer", "user"]);
    expect(messagesFor(list).filter(({ role }) => role === "system")).toEqual([]);
  });

  test("keep their images", () => {
    expect(messagesFor([user("a"), system(text("rule"), image)])[0]).toMatchObject({
      content: [{ text: "a" }, { text: reminder("rule") }, imagePart],
    });
  });

  describe("tool changes", () => {
    const change = (type: string, tool: object) => ({ type, tool });
    const reference = (name: string) => ({ type: "tool_reference", name });

    test("are not forwarded, and show in the list of tools", () => {
      const definition = tool("Added", { description: "d" });
      const blocks = [
        change("tool_addition", { type: "tool_definition", definition }),
        change("tool_removal", reference("Gone")),
        text("rule"),
      ];
      const chat = writeChat({
        tools: [tool("Gone"), tool("Kept")],
        messages: [user("a"), system(...blocks), system(change("tool_addition", reference("Kept")))],
      });
      expect(chat.tools?.map((one) => one.function.name)).toEqual(["Kept", "Added"]);
      expect(chat.messages).toEqual([{ role: "user", content: `a\n\n${reminder("rule")}` }]);
    });

    test("become text where a called tool has to stay", () => {
      const chat = writeChat({
        tools: [tool("Gone"), tool("Kept")],
        messages: [
          user("a"),
          assistant(call("t1", "Gone")),
          user(result("t1", "x")),
          system(change("tool_removal", reference("Gone"))),
        ],
      });
      expect(chat.tools).toHaveLength(2);
      expect(JSON.stringify(chat.messages.at(-1))).toContain(
        "The tool Gone was removed and must not be called any more",
      );
    });

    test("are named in the log where they change nothing", () => {
      const blocks = [change("tool_removal", { type: "mcp_toolset_reference", server_name: "s" })];
      expect(writtenFor({ messages: [user("a"), system(...blocks)] }).notes).toEqual([
        "left out a tool_removal block, which names no known tool",
      ]);
    });
  });
});

test("a reminder joins a tool message with an image instead of becoming a user message", () => {
  const list = [
    { role: "user", content: "a" },
    { role: "assistant", content: [call("t1")] },
    { role: "user", content: [result("t1", [image])] },
    { role: "system", content: "rule" },
  ];
  const sent = messagesFor(list, { backend: "openrouter" });
  expect(sent.map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
  expect(sent.at(-1)?.content).toHaveLength(2);
});
