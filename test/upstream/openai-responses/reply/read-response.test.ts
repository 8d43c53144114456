import { expect, test } from "bun:test";
import { parseJson } from "../../../../src/lib/json.ts";
import { readResponse } from "../../../../src/upstream/openai-responses/reply/read-response.ts";
import { messageItem, responseOf } from "../../../support/responses-replies.ts";
import { responsesPlan, writtenResponses } from "../../../support/responses-requests.ts";

function read(body: unknown) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return readResponse(parseJson(text), text, responsesPlan({}), writtenResponses({}));
}

test("a whole response gives its text, usage and end", () => {
  const usage = { input: 9, cached: 4, output: 3, reasoning: 2 };
  expect(read(responseOf({ items: [messageItem("Hello")], usage }))).toEqual([
    { type: "text-delta", text: "Hello" },
    {
      type: "usage",
      usage: { inputTokens: 5, cacheReadTokens: 4, cacheWriteTokens: 0, outputTokens: 3, reasoningTokens: 2 },
    },
    { type: "finish", reason: "stop" },
  ]);
});

test.each<[string, unknown, kind: string, words: RegExp]>([
  ["nothing", "", "unreachable", /no response/],
  ["a page", "<html><title>Bad gateway</title></html>", "upstream", /Bad gateway/],
  ["an error", { error: { message: "No", code: "invalid_api_key" } }, "authentication", /No/],
  [
    "a failed response",
    { ...responseOf({ items: [] }), status: "failed", error: { code: "server_error", message: "Oops" } },
    "upstream",
    /Oops/,
  ],
  ["a chat completion", { choices: [{ message: { content: "Hi" } }] }, "upstream", /BACKEND_PROTOCOL=chat/],
  ["something else", { message: "Hi" }, "upstream", /Hi/],
])("%s is a failure", (_, body, kind, words) => {
  const [fact] = read(body);
  expect(fact).toMatchObject({ type: "failure", error: { message: expect.stringMatching(words) } });
  if (fact?.type === "failure") expect<string>(fact.error.kind).toBe(kind);
});
