/**
 * `./scripts/count-work`: how many bytes of memory the proxy takes for a request of a few words, for one of Claude
 * Code's size, for the next turn of that conversation, and for a stream of 10,000 chunks. It counts instead of timing, so
 * it says the same on every machine, however busy. It fails when work has grown by a fifth.
 *
 * The whole journey runs in one process without a network, without garbage collection, so that nothing is given back
 * before it is counted, and without the compiler, which removes some allocations and not always the same.
 */

import { readConfig } from "../src/config/read-config.ts";
import { createServices } from "../src/journey/create-services.ts";
import type { RequestContext, Services } from "../src/journey/services.ts";
import { answerMessages } from "../src/routes/messages.ts";
import { createLog } from "../src/telemetry/log.ts";
import type { Answer } from "../src/upstream/transport/read-answer.ts";
import type { Sender } from "../src/upstream/transport/send.ts";
import { runScript } from "./shipping/run-script.ts";

/** KB, measured with Bun 1.4.5. Lower them when a change saves work. */
const baseline = { small: 37, request: 740, next: 81, chunks: 4550 };
const maxGrowth = 1.2;

const chunkCount = 10_000;
/** As many as a fast backend sends between two reads. */
const chunksPerRead = 4;

const utf8 = new TextEncoder();

function encodeChunk(delta: object, finish: string | null = null): string {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
  const chunk = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "m", choices };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

/** What the backend sends, one piece for each read. */
function makePieces(count: number): readonly Uint8Array[] {
  const chunks = Array.from({ length: count }, (_, i) => encodeChunk({ content: `word ${i} "é" ` }));
  const reads = Array.from({ length: Math.ceil(count / chunksPerRead) }, (_, i) =>
    chunks.slice(i * chunksPerRead, (i + 1) * chunksPerRead).join(""),
  );
  return [...reads, `${encodeChunk({}, "stop")}data: [DONE]\n\n`].map((text) => utf8.encode(text));
}

function createFakeSender(pieces: readonly Uint8Array[]): Sender {
  return {
    async send() {
      let next = 0;
      const answer: Answer = {
        status: 200,
        headers: new Headers({ "content-type": "text/event-stream" }),
        read: async () => pieces[next++],
        text: async () => "",
        begin() {},
        endAfterSilence() {},
        release() {},
      };
      return answer;
    },
  };
}

/** 130 KB: a system prompt, 25 tools and a conversation of 60 messages or a few more. */
function makeRequest(length: number): string {
  const words = "The quick brown fox jumps over the lazy dog. ";
  const input_schema = { type: "object", properties: { path: { type: "string", description: words } } };
  const tools = Array.from({ length: 25 }, (_, i) => ({
    name: `Tool${i}`,
    description: words.repeat(35),
    input_schema,
  }));
  const messages = Array.from({ length }, (_, i) => turn(i, words.repeat(24)));
  const system = [{ type: "text", text: words.repeat(450), cache_control: { type: "ephemeral" } }];
  return JSON.stringify({
    model: "claude-sonnet-4-5",
    max_tokens: 1000,
    stream: true,
    system,
    tools,
    messages,
  });
}

function turn(i: number, text: string): object {
  const id = `toolu_${i - (i % 2)}`;
  return i % 2 === 0
    ? {
        role: "user",
        content: i === 0 ? text : [{ type: "tool_result", tool_use_id: `toolu_${i - 1}`, content: text }],
      }
    : {
        role: "assistant",
        content: [
          { type: "text", text },
          { type: "tool_use", id: `toolu_${i}`, name: "Tool1", input: { path: id } },
        ],
      };
}

const small = JSON.stringify({
  model: "claude-sonnet-4-5",
  max_tokens: 1000,
  stream: true,
  messages: [{ role: "user", content: "Hello" }],
});

function makeServices(): Services {
  const config = readConfig({
    flags: {},
    env: { OPENAI_API_KEY: "k", OPENAI_BASE_URL: "http://127.0.0.1:9/v1" },
    file: undefined,
    warnings: [],
  });
  const log = createLog("ERROR", console.error);
  return createServices({ config, log }, () => {});
}

/** KB taken by one message, from its body to the last byte of its answer. */
async function measure(
  body: string,
  pieces: readonly Uint8Array[],
  made: Services = makeServices(),
): Promise<number> {
  const services = { ...made, sender: createFakeSender(pieces), refreshModels: () => {} };
  const url = new URL("http://127.0.0.1/v1/messages");
  const context: RequestContext = {
    request: new Request(url.href, { method: "POST", body }),
    url,
    requestId: "req_1",
    keepOpen: () => () => {},
    call: new AbortController(),
  };
  const before = process.memoryUsage().heapUsed;
  const response = await answerMessages(context, services);
  let size = 0;
  for await (const bytes of response.body ?? []) size += bytes.length;
  const taken = (process.memoryUsage().heapUsed - before) / 1000;
  if (response.status !== 200 || size < pieces.length)
    throw new Error(`Cannot count: the answer has ${size} bytes`);
  return taken;
}

/** Memory is given out in blocks of 16 KB, so that a single small request or turn cannot be measured. */
const requestCount = 64;
const turnCount = 16;

/** KB that one of many messages takes. */
async function measureUsual(
  bodies: readonly string[],
  pieces: readonly Uint8Array[],
  made: Services,
): Promise<number> {
  let sum = 0;
  for (const body of bodies) sum += await measure(body, pieces, made);
  return sum / bodies.length;
}

async function main(): Promise<void> {
  const few = makePieces(chunksPerRead);
  const many = makePieces(chunkCount);
  const request = makeRequest(60);
  const turns = Array.from({ length: turnCount }, (_, i) => makeRequest(62 + 2 * i));
  // Whatever is made only once is made here.
  await measure(small, few);
  const services = makeServices();
  const base = await measureUsual(
    Array.from({ length: requestCount }, () => small),
    few,
    services,
  );
  const counts = {
    small: base,
    request: (await measure(request, few, services)) - base,
    next: (await measureUsual(turns, few, services)) - base,
    chunks: (await measure(small, many)) - base,
  };
  const rows = [
    ["a request of a few words", counts.small, baseline.small],
    [`a request of ${Math.round(request.length / 1000)} KB`, counts.request, baseline.request],
    ["its next turn", counts.next, baseline.next],
    [`${chunkCount} chunks`, counts.chunks, baseline.chunks],
  ] as const;
  for (const [what, count, was] of rows)
    console.log(`${what}: ${Math.round(count)} KB, ${(count / was).toFixed(2)} × what it was`);
  const grown = rows.filter(([, count, was]) => count > was * maxGrowth).map(([what]) => what);
  if (grown.length > 0)
    throw new Error(
      `Cannot accept: ${grown.join(" and ")} take over ${maxGrowth} times the memory they took`,
    );
}

await runScript(main);
