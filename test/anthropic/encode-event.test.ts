import { expect, test } from "bun:test";
import fc from "fast-check";
import { encodeEvent } from "../../src/anthropic/encode-event.ts";
import type { ContentDelta, StreamEvent } from "../../src/anthropic/wire-reply.ts";

/** An event, encoded the plain way. */
const encodePlainly = (event: StreamEvent) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

test("any delta is encoded as JSON.stringify would", () => {
  const delta = fc.string({ unit: "binary" }).chain((text) =>
    fc.constantFrom<ContentDelta>(
      { type: "text_delta", text },
      { type: "thinking_delta", thinking: text },
      { type: "signature_delta", signature: text },
      { type: "input_json_delta", partial_json: text },
      {
        type: "citations_delta",
        citation: {
          type: "web_search_result_location",
          cited_text: text,
          url: "https://a.example/",
          title: text,
          encrypted_index: "",
        },
      },
    ),
  );
  fc.assert(
    fc.property(fc.nat(), delta, (index, delta) => {
      const event: StreamEvent = { type: "content_block_delta", index, delta };
      expect(encodeEvent(event)).toBe(encodePlainly(event));
    }),
  );
});

test("deltas that come as they are written become an event each", () => {
  const texts = fc.array(fc.string({ unit: "binary" }), { minLength: 1 });
  const make = fc.constantFrom<(text: string) => ContentDelta>(
    (text) => ({ type: "text_delta", text }),
    (text) => ({ type: "thinking_delta", thinking: text }),
    (text) => ({ type: "input_json_delta", partial_json: text }),
  );
  fc.assert(
    fc.property(fc.nat(), texts, make, (index, texts, make) => {
      const eventOf = (text: string) => ({ type: "content_block_delta", index, delta: make(text) }) as const;
      const written = texts.map((text) => JSON.stringify(text).slice(1, -1));
      expect(encodeEvent({ ...eventOf(texts.join("")), written })).toBe(
        texts.map((text) => encodePlainly(eventOf(text))).join(""),
      );
    }),
  );
});

test("other events are JSON in one line", () => {
  for (const event of [
    { type: "ping" },
    { type: "content_block_stop", index: 1 },
    { type: "message_stop" },
  ] as const)
    expect(encodeEvent(event)).toBe(encodePlainly(event));
});
