import { expect, test } from "bun:test";
import { adaptConversation } from "../../../src/adapt/conversation/adapt-conversation.ts";
import { readMessagesRequest } from "../../../src/anthropic/read-request.ts";
import { bodyOf } from "../../support/bodies.ts";
import { ask } from "../../support/proxy.ts";

const read = (messages: object[]) => readMessagesRequest(bodyOf(JSON.stringify(ask({ messages }))));
const question = { role: "user", content: "a question" };

test("a conversation without options stays the same object", () => {
  const request = read([question]);
  expect(adaptConversation(request)).toEqual({ request, appliedEdits: [] });
  expect(adaptConversation(request).request).toBe(request);
});

test("only the last summary with content counts", () => {
  const compaction = (content: string | null) => ({
    role: "assistant",
    content: [{ type: "compaction", content }],
  });
  const request = read([
    question,
    compaction("first"),
    question,
    compaction("last"),
    question,
    compaction(null),
  ]);
  const { messages } = adaptConversation(request).request;
  expect(messages.map(({ role }) => role)).toEqual(["user", "user", "assistant"]);
  expect(JSON.stringify(messages)).toContain("last");
  expect(JSON.stringify(messages)).not.toContain("first");
});

test("a hidden system message loses its text and keeps what it did to tools", () => {
  const change = { type: "tool_removal", tool: { type: "tool_reference", name: "save" } };
  const content = [{ type: "text", text: "HINT" }, change];
  const system = { role: "system", clear_at: "next_user_message", content };
  const lasting = { role: "system", clear_at: "never", content: "LASTS" };
  const { messages } = adaptConversation(read([question, system, lasting, question])).request;
  expect(messages[1]?.content).toEqual([change as never]);
  expect(JSON.stringify(messages)).toContain("LASTS");
});
