import { expect, test } from "bun:test";
import fc from "fast-check";
import { EventText } from "../../src/anthropic/encode-event.ts";
import type { ContentDelta, StreamEvent } from "../../src/anthropic/wire-reply.ts";
import type { WrittenDelta } from "../../src/reply.ts";

function encode(...events: readonly StreamEvent[]): string {
  const text = new EventText();
  for (const event of events) text.add(event);
  return text.take();
}

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
      expect(encode(event)).toBe(encodePlainly(event));
    }),
  );
});

test("deltas that come as they are written become an event each", () => {
  const texts = fc.array(fc.string({ unit: "binary" }), { minLength: 1 });
  type Kind = {
    readonly fact: (text: string, written: readonly string[]) => WrittenDelta;
    readonly delta: (text: string) => ContentDelta;
  };
  const kinds = fc.constantFrom<Kind>(
    {
      fact: (text, written) => ({ type: "text-delta", text, written }),
      delta: (text) => ({ type: "text_delta", text }),
    },
    {
      fact: (text, written) => ({ type: "thinking-delta", text, written }),
      delta: (text) => ({ type: "thinking_delta", thinking: text }),
    },
    {
      fact: (json, written) => ({ type: "tool-delta", lane: 0, json, written }),
      delta: (text) => ({ type: "input_json_delta", partial_json: text }),
    },
  );
  fc.assert(
    fc.property(fc.nat(), texts, kinds, (index, texts, { fact, delta }) => {
      const written = texts.map((text) => JSON.stringify(text).slice(1, -1));
      const text = new EventText();
      text.addWritten(index, fact(texts.join(""), written));
      const events = texts.map((one) => ({ type: "content_block_delta", index, delta: delta(one) }) as const);
      expect(text.take()).toBe(events.map(encodePlainly).join(""));
    }),
  );
});

test("other events are JSON in one line", () => {
  for (const event of [
    { type: "ping" },
    { type: "content_block_stop", index: 1 },
    { type: "message_stop" },
  ] as const)
    expect(encode(event)).toBe(encodePlainly(event));
});

test("events follow one another until they are taken", () => {
  const text = new EventText();
  text.add({ type: "content_block_stop", index: 1 });
  text.add({ type: "message_stop" });
  const both = encode({ type: "content_block_stop", index: 1 }, { type: "message_stop" });
  expect([text.take(), text.take()]).toEqual([both, ""]);
});
