/** The reply as one JSON message, from either form of the backend's answer. */
import type { MessageFold } from "../anthropic/write-message.ts";
import type { StreamWriter } from "../anthropic/write-stream.ts";
import type { BegunReply, ReplyEvent } from "../reply.ts";
import type { MessageRecord } from "../telemetry/record.ts";

/**
 * @param writer writes into `fold`
 * @throws ProxyError when the backend failed, also in mid-reply
 */
export async function gatherReply(
  { first, rest }: BegunReply,
  writer: StreamWriter,
  fold: MessageFold,
  record: Pick<MessageRecord, "see">,
): Promise<Response> {
  let limits: Readonly<Record<string, string>> | undefined;
  let passed: Uint8Array | undefined;
  const take = (facts: readonly ReplyEvent[]): void => {
    record.see(facts);
    for (const fact of facts) {
      if (fact.type === "failure") throw fact.error;
      if (fact.type === "limits") limits = fact.headers;
      if (fact.type === "passed") passed = fact.bytes;
    }
    writer.push(facts);
  };
  writer.start(0);
  take(first);
  if (rest) for await (const facts of rest) take(facts);
  if (passed) return new Response(passed, { headers: { ...limits, "content-type": "application/json" } });
  writer.end();
  return limits ? Response.json(fold.result(), { headers: limits }) : Response.json(fold.result());
}
