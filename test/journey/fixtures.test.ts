/** Every recorded and hand-written answer, replayed through the real server, as a stream and as one message. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Glob } from "bun";
import type { ContentBlock, Message, MessageUsage } from "../../src/anthropic/wire-reply.ts";
import type { ExpectedAnswer } from "../fixtures/openai-chat/expectation.ts";
import { expectedAnswers, expectedFailures } from "../fixtures/openai-chat/expected.ts";
import { raw, text } from "../support/fake-upstream.ts";
import { checkStream, foldContent, foldMessage } from "../support/grammar.ts";
import { ask, readError, startProxy, type TestProxy } from "../support/proxy.ts";

const folder = `${import.meta.dir}/../fixtures/openai-chat/`;

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await startProxy(text("unused"));
});
afterAll(() => proxy.close());

const tools = [
  "get_weather",
  "get_time",
  "place_order",
  "read_file",
  "save",
  "search",
  "list_files",
  "mark",
].map((name) => ({ name, description: name, input_schema: { type: "object", properties: {} } }));

async function replay(file: string, changes: Record<string, unknown>): Promise<Response> {
  const bytes = await Bun.file(folder + file).bytes();
  const type = file.endsWith(".sse") ? "text/event-stream" : "application/json";
  // Writes that end anywhere, as TCP reads do.
  proxy.upstream.follow(raw(bytes, { splitEvery: 211, headers: { "content-type": type } }));
  return proxy.post(ask({ tools, ...changes }));
}

/** A block without what the proxy makes up itself. */
function toExpected(block: ContentBlock): object {
  switch (block.type) {
    case "text":
      return { type: block.type, text: block.text };
    case "thinking":
      expect(block.signature).not.toBe("");
      return { type: block.type, thinking: block.thinking };
    case "tool_use":
      expect(block.id).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
      return { type: block.type, name: block.name, input: block.input };
    case "compaction":
    case "redacted_thinking":
    case "server_tool_use":
    case "web_search_tool_result":
    case "tool_search_tool_result":
      return block;
    default:
      return block satisfies never;
  }
}

/** The message itself, with ids of its own. */
function withOtherIds(message: Message): object {
  const content = message.content.map((block) =>
    block.type === "tool_use" ? { ...block, id: expect.any(String) } : block,
  );
  return { ...message, id: expect.stringMatching(/^msg_/), content };
}

function checkUsage(usage: MessageUsage, expected: ExpectedAnswer): void {
  if (expected.usage) expect(usage).toEqual(expected.usage);
  else expect(usage.output_tokens).toBeGreaterThan(0);
}

describe("an answer means the same as a stream and as one message", () => {
  test.each(expectedAnswers.map((expected) => [expected.file, expected] as const))(
    "%s",
    async (_, expected) => {
      const changes = expected.stopSequence === undefined ? {} : { stop_sequences: [expected.stopSequence] };
      const stream = await replay(expected.file, { ...changes, stream: true });
      const streamed = foldMessage(checkStream(await stream.text(), { allowTruncated: true }));
      expect(streamed.content.map(toExpected)).toEqual([...expected.content]);
      expect(streamed).toMatchObject({
        model: ask().model,
        stop_reason: expected.stopReason,
        stop_sequence: expected.stopSequence ?? null,
      });
      checkUsage(streamed.usage, expected);
      const whole = await replay(expected.file, changes);
      expect([whole.status, await whole.json()]).toEqual([200, withOtherIds(streamed)]);
    },
  );
});

describe("an error is the same as a stream and as one message", () => {
  test.each(expectedFailures.map((expected) => [expected.file, expected] as const))(
    "%s",
    async (_, expected) => {
      const whole = await readError(await replay(expected.file, {}));
      expect(whole.error.type).toBe(expected.error);
      expect(whole.error.message).toContain(expected.message);

      const response = await replay(expected.file, { stream: true });
      if (expected.content.length === 0) {
        expect(response.status).toBeGreaterThanOrEqual(400);
        expect((await readError(response)).error).toEqual(whole.error);
        return;
      }
      const events = checkStream(await response.text());
      expect(foldContent(events).map(toExpected)).toEqual([...expected.content]);
      expect(events.at(-1)).toMatchObject({ type: "error", error: whole.error });
    },
  );
});

/** Answers with a search in them are replayed by `web-search.test.ts`. */
test("every answer fixture has its expectation", () => {
  const expected = [...expectedAnswers, ...expectedFailures].map(({ file }) => file);
  const files = [...new Glob("*/*.{sse,json}").scanSync(folder)]
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => !/\/(err|search)\b/.test(file));
  expect(files.sort()).toEqual(expected.sort());
});
