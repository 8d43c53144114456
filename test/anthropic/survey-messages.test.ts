import { expect, test } from "bun:test";
import { surveyMessages } from "../../src/anthropic/survey-messages.ts";
import { messagesRequest } from "../../src/anthropic/wire.ts";
import { ask } from "../support/proxy.ts";

const image = { type: "image", source: { type: "url", url: "https://a.example/b.png" } };
const file = {
  type: "document",
  source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" },
};
const page = { type: "web_fetch_tool_result", tool_use_id: "s", content: { content: file } };
const words = { type: "document", source: { type: "text", media_type: "text/plain", data: "Hello" } };
const call = { type: "tool_use", id: "t", name: "Read", input: {} };
const resultOf = (...content: object[]) => ({ type: "tool_result", tool_use_id: "t", content });
const documentOf = (...content: object[]) => ({ type: "document", source: { type: "content", content } });
const removal = { type: "tool_removal", tool: { type: "tool_reference", name: "Read" } };
const summary = { type: "compaction", content: "They said hello." };

/** The names of what is found. */
function survey(message: object): string[] {
  const { messages } = messagesRequest.parse(ask({ messages: [{ role: "user", content: "Hi" }, message] }));
  return Object.entries(surveyMessages(messages)).flatMap(([name, isThere]) => (isThere ? [name] : []));
}

test.each([
  ["images", image],
  ["images", resultOf(image)],
  ["images", documentOf(image)],
  ["images", resultOf(documentOf(image))],
  ["files", file],
  ["files", resultOf(file)],
  ["files", page],
  ["summaries", summary],
  ["toolChanges", removal],
  ["calls", call],
])("finds %s", (name, block) => {
  expect(survey({ role: "user", content: [{ type: "text", text: "Look" }, block] })).toEqual([name]);
});

test("finds tool changes in a summary", () => {
  expect(survey({ role: "user", content: [{ ...summary, tool_changes: [removal] }] })).toEqual([
    "summaries",
    "toolChanges",
  ]);
});

test("finds system messages for a single turn", () => {
  const message = { role: "system", content: "Be brief" };
  expect(survey({ ...message, clear_at: "next_user_message" })).toEqual(["brief"]);
  expect(survey(message)).toEqual([]);
});

test("finds nothing in words and their documents", () => {
  expect(
    survey({ role: "user", content: [words, resultOf({ type: "text", text: "Hello" }, words)] }),
  ).toEqual([]);
});
