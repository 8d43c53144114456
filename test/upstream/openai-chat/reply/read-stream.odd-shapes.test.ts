import { expect, test } from "bun:test";
import fc from "fast-check";
import { SseDecoder } from "../../../../src/lib/decode-sse.ts";
import { isObject } from "../../../../src/lib/json.ts";
import type { ReplyEvent } from "../../../../src/reply.ts";
import { readMessage } from "../../../../src/upstream/openai-chat/reply/read-message.ts";
import { createReader } from "../../../../src/upstream/openai-chat/reply/read-stream.ts";
import { answerOf } from "../../../support/answers.ts";
import { generatedReply, splitBytes } from "../../../support/generators.ts";
import { oddShape, writeOdd } from "../../../support/odd-shapes.ts";
import { planFor } from "../../../support/plans.ts";
import { ask } from "../../../support/proxy.ts";

const plan = planFor(ask());
const written = { body: "", clientToolName: (name: string) => ({ name }), prefill: "", notes: [] };

function read(pieces: readonly Uint8Array[]): ReplyEvent[] {
  const decoder = new SseDecoder();
  const reader = createReader(plan, written);
  const facts = pieces.flatMap((piece) => decoder.push(piece)).flatMap((frame) => reader.push(frame));
  return [...facts, ...decoder.end().flatMap((frame) => reader.push(frame)), ...reader.end()];
}

/** Texts joined, and calls in the order in which they were begun. */
function brief(facts: readonly ReplyEvent[]): object {
  const { content, stop_reason } = answerOf(facts);
  const join = (kind: "text" | "thinking") =>
    content
      .map((block) => (isObject(block) && block.type === kind ? String(Object(block)[kind]) : ""))
      .join("");
  const calls = content.flatMap((block) =>
    block.type === "tool_use" ? [{ name: block.name, input: block.input }] : [],
  );
  return { thinking: join("thinking"), text: join("text"), calls, stop_reason };
}

const stopReasons = { stop: "end_turn", "max-tokens": "max_tokens", refusal: "refusal" } as const;

function meaning({ thinking, text, calls, finish }: Parameters<typeof writeOdd>[0]["expected"]): object {
  const natural = calls.length > 0 ? "tool_use" : "end_turn";
  const stop_reason = finish === "stop" ? natural : stopReasons[finish as keyof typeof stopReasons];
  return { thinking, text, calls: [...calls], stop_reason };
}

test("an answer in any of the odd shapes, cut anywhere, means the same", () => {
  const cases = fc
    .tuple(generatedReply(), oddShape)
    .chain(([reply, shape]) =>
      fc.tuple(fc.constant(reply), fc.constant(shape), splitBytes(writeOdd(reply, shape))),
    );
  fc.assert(
    fc.property(cases, ([{ expected }, , pieces]) => {
      expect(brief(read(pieces))).toEqual(meaning(expected));
      expect(read(pieces)).toEqual(read([Buffer.concat(pieces)]));
    }),
    { numRuns: 300 },
  );
});

test("an answer in one JSON text means the same as a stream", () => {
  fc.assert(
    fc.property(generatedReply(), fc.boolean(), ({ chunks, expected }, hasIds) => {
      const { thinking, text, calls } = expected;
      const finish_reason = chunks
        .map((chunk) => Object(chunk).choices?.[0]?.finish_reason)
        .findLast(Boolean);
      const message = {
        role: "assistant",
        reasoning_content: thinking,
        content: text,
        tool_calls: calls.map(({ name, input }, at) => ({
          ...(hasIds && { id: `call_${at}` }),
          type: "function",
          function: { name, arguments: JSON.stringify(input) },
        })),
      };
      const body = JSON.stringify({ choices: [{ index: 0, message, finish_reason }] });
      expect(brief(readMessage(JSON.parse(body), body, plan, written))).toEqual(meaning(expected));
    }),
    { numRuns: 200 },
  );
});
