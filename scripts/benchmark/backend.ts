/** A fake backend on a free port, whose address it prints. What it answers is the name of the model. */
import { burstChunks, pacedChunks, type Workload, writeStamp } from "./workloads.ts";

const utf8 = new TextEncoder();
const sse = { "content-type": "text/event-stream" };

const encode = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: "chatcmpl-bench", object: "chat.completion.chunk", created: 1, model: "bench", system_fingerprint: "fp_bench", choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] })}\n\n`;
const usage = { prompt_tokens: 9, completion_tokens: 9, total_tokens: 18 };
const end = (finish: string) =>
  `${encode({}, finish)}data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`;

const word = (i: number) => encode({ content: `word ${i} "é" ` });
const piece = (i: number) =>
  encode({ tool_calls: [{ index: 0, function: { arguments: ` "k${i}": "v",` } }] });
const callStart = encode({
  tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "Read", arguments: "{" } }],
});
const callEnd = encode({ tool_calls: [{ index: 0, function: { arguments: ' "end": 1}' } }] });

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const words = numbers(burstChunks).map(word);
const call = [callStart, ...numbers(burstChunks - 2).map(piece), callEnd];
/** What is written at once. */
const joined = (events: readonly string[], size: number) =>
  numbers(Math.ceil(events.length / size)).map((i) =>
    utf8.encode(events.slice(i * size, (i + 1) * size).join("")),
  );
const writes: Readonly<Record<Exclude<Workload, "paced">, readonly Uint8Array[]>> = {
  text: [...joined(words, 1), utf8.encode(end("stop"))],
  sixteen: [...joined(words, 16), utf8.encode(end("stop"))],
  tools: [...joined(call, 1), utf8.encode(end("tool_calls"))],
};
const message = {
  id: "chatcmpl-bench",
  object: "chat.completion",
  created: 1,
  model: "bench",
  choices: [
    { index: 0, message: { role: "assistant", content: "word ".repeat(100) }, finish_reason: "stop" },
  ],
  usage,
};

async function* pace(): AsyncGenerator<Uint8Array> {
  for (const _ of numbers(pacedChunks)) {
    yield utf8.encode(encode({ content: `word ${writeStamp()}` }));
    await Bun.sleep(20);
  }
  yield utf8.encode(end("stop"));
}

/** Each write by itself, as fast as the other side takes them. */
function pour(pieces: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    type: "direct",
    async pull(controller) {
      for (const bytes of pieces) {
        controller.write(bytes);
        await controller.flush();
        // What is written in one turn of the event loop leaves together.
        await new Promise(setImmediate);
      }
      controller.close();
    },
  });
}

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  idleTimeout: 0,
  async fetch(request) {
    if (!request.url.endsWith("/chat/completions")) return Response.json({ data: [] });
    const body = await request.text();
    const { model, stream }: { model: Workload; stream: boolean } = JSON.parse(body);
    if (!stream) return Response.json(message);
    return new Response(model === "paced" ? pace() : pour(writes[model]), { headers: sse });
  },
});
console.log(server.url.origin);
