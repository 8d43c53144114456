/** From facts to what a client has in the end, through the stream, whose grammar is checked on the way. */

import { encodeEvent } from "../../src/anthropic/encode-event.ts";
import type { OutputOptions } from "../../src/anthropic/send-blocks.ts";
import type { Message } from "../../src/anthropic/wire-reply.ts";
import { MessageFold } from "../../src/anthropic/write-message.ts";
import { StreamWriter } from "../../src/anthropic/write-stream.ts";
import type { ReplyEvent } from "../../src/reply.ts";
import { emptySignature } from "../../src/upstream/reasoning/pack-carrier.ts";
import { checkStream } from "./grammar.ts";

export function createTestWriter(thinking: OutputOptions["thinking"] = "text"): StreamWriter {
  return new StreamWriter({
    model: "m",
    requestId: "req_1",
    promptSize: () => ({ tokens: 1 }),
    isTaken: () => false,
    toolSchema: () => undefined,
    thinking,
    emptySignature,
  });
}

export function answerOf(
  facts: readonly ReplyEvent[],
  thinking: OutputOptions["thinking"] = "text",
): Message {
  const writer = createTestWriter(thinking);
  const events = [...writer.start(), ...facts.flatMap((fact) => writer.push([fact])), ...writer.end()];
  checkStream(events.map(encodeEvent).join(""));
  const fold = new MessageFold();
  for (const event of events) fold.add(event);
  return fold.result();
}
