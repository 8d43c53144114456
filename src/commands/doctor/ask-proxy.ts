/** Asks the proxy itself, as a client does, so that what is tested is what clients get. */
import { z } from "zod";
import { SseDecoder } from "../../lib/decode-sse.ts";
import { parseJson } from "../../lib/json.ts";
import type { Sender } from "../../upstream/transport/send.ts";

const block = z.looseObject({ type: z.string(), text: z.string().optional(), input: z.unknown().optional() });
/** Anthropic counts what came from a cache apart. */
const usage = z
  .looseObject({
    input_tokens: z.number().default(0),
    cache_read_input_tokens: z.number().nullish(),
    cache_creation_input_tokens: z.number().nullish(),
    output_tokens: z.number(),
  })
  .transform(({ input_tokens, cache_read_input_tokens, cache_creation_input_tokens, output_tokens }) => ({
    inputTokens: input_tokens + (cache_read_input_tokens ?? 0) + (cache_creation_input_tokens ?? 0),
    outputTokens: output_tokens,
  }));
const messageSchema = z.object({
  content: z.array(block),
  usage,
});
const anthropicError = z.object({ type: z.string(), message: z.string() });
const errorSchema = z.object({ error: anthropicError });

export type Heard =
  | {
      readonly type: "message";
      readonly content: readonly z.output<typeof block>[];
      readonly text: string;
      readonly inputTokens: number;
      readonly outputTokens: number;
    }
  | {
      readonly type: "error";
      /** As in Anthropic's errors; undefined if the answer is none. */
      readonly errorType?: string;
      readonly message: string;
    }
  /** There was no time left. */
  | { readonly type: "late" };

export type Client = {
  /** Tokens of all answers so far. */
  readonly spent: { readonly input: number; readonly output: number };
  ask(request: object): Promise<Heard>;
  /** As a stream. @returns times in ms from the request on */
  time(request: object): Promise<{ heard: Heard; firstMs: number | undefined; tookMs: number }>;
};

const bodyLimitBytes = 1024 * 1024;

/** @param deadline after it, everything is late */
export function createClient(url: string, key: string, sender: Sender, deadline: AbortSignal): Client {
  const send = (request: object) =>
    sender.send({
      method: "POST",
      url: `${url}/v1/messages`,
      headers: { "content-type": "application/json", "x-api-key": key },
      body: JSON.stringify(request),
      silenceMs: 60_000,
      signal: deadline,
    });
  const orLate = (thrown: unknown): Heard => {
    if (deadline.aborted) return { type: "late" };
    return { type: "error", message: thrown instanceof Error ? thrown.message : String(thrown) };
  };
  const spent = { input: 0, output: 0 };
  const count = (heard: Heard): Heard => {
    if (heard.type === "message") {
      spent.input += heard.inputTokens;
      spent.output += heard.outputTokens;
    }
    return heard;
  };
  return {
    spent,
    async ask(request) {
      try {
        const answer = await send(request);
        return count(readMessage(parseJson(await answer.text(bodyLimitBytes))));
      } catch (thrown) {
        return orLate(thrown);
      }
    },
    async time(request) {
      const started = performance.now();
      const since = () => Math.round(performance.now() - started);
      let firstMs: number | undefined;
      try {
        const answer = await send({ ...request, stream: true });
        if (answer.status !== 200) {
          const heard = readMessage(parseJson(await answer.text(bodyLimitBytes)));
          return { heard, firstMs, tookMs: since() };
        }
        const decoder = new SseDecoder();
        let text = "";
        let heard: Heard = { type: "error", message: "the stream ended without an answer" };
        for (let bytes = await answer.read(); bytes; bytes = await answer.read())
          for (const { data } of decoder.push(bytes)) {
            const event = streamEvent.safeParse(parseJson(data)).data;
            if (event?.delta?.text ?? event?.delta?.thinking) firstMs ??= since();
            text += event?.delta?.text ?? "";
            if (event?.error) heard = toFailure(event.error);
            if (event?.usage)
              heard = { type: "message", content: [{ type: "text", text }], text, ...event.usage };
          }
        return { heard: count(heard), firstMs, tookMs: since() };
      } catch (thrown) {
        return { heard: orLate(thrown), firstMs, tookMs: since() };
      }
    },
  };
}

const streamEvent = z.looseObject({
  delta: z.looseObject({ text: z.string().optional(), thinking: z.string().optional() }).optional(),
  usage: usage.optional(),
  error: anthropicError.optional(),
});

function readMessage(body: unknown): Heard {
  const message = messageSchema.safeParse(body).data;
  if (message)
    return {
      type: "message",
      content: message.content,
      text: message.content.map(({ text }) => text ?? "").join(""),
      ...message.usage,
    };
  const error = errorSchema.safeParse(body).data?.error;
  return error ? toFailure(error) : { type: "error", message: "the answer cannot be read" };
}

function toFailure({ type, message }: z.output<typeof anthropicError>): Heard {
  return { type: "error", errorType: type, message };
}
