/** From facts to what a client has in the end, through the stream, whose grammar is checked on the way. */

import { EventText } from "../../src/anthropic/encode-event.ts";
import type { EventSink, OutputOptions } from "../../src/anthropic/send-blocks.ts";
import type { Message } from "../../src/anthropic/wire-reply.ts";
import { MessageFold } from "../../src/anthropic/write-message.ts";
import { StreamWriter, type WriterOptions } from "../../src/anthropic/write-stream.ts";
import type { ReplyEvent } from "../../src/reply.ts";
import { emptySignature } from "../../src/upstream/reasoning/pack-carrier.ts";
import { checkStream } from "./grammar.ts";

export function createTestWriter(
  sink: EventSink,
  thinking: OutputOptions["thinking"] = "text",
): StreamWriter {
  const options: WriterOptions = {
    model: "m",
    requestId: "req_1",
    promptSize: () => ({ tokens: 1 }),
    isTaken: () => false,
    toolSchema: () => undefined,
    thinking,
    emptySignature,
  };
  return new StreamWriter(options, sink);
}

export function answerOf(
  facts: readonly ReplyEvent[],
  thinking: OutputOptions["thinking"] = "text",
): Message {
  const text = new EventText();
  const writer = createTestWriter(text, thinking);
  writer.start();
  for (const fact of facts) writer.push([fact]);
  writer.end();
  const fold = new MessageFold();
  for (const event of checkStream(text.take())) fold.add(event);
  return fold.result();
}
