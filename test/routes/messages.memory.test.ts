import { expect, test } from "bun:test";
import { createServices } from "../../src/journey/create-services.ts";
import { defaultPace } from "../../src/journey/services.ts";
import { answerMessages } from "../../src/routes/messages.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { createPatientSender, measureKept } from "../support/patient-sender.ts";
import { configWith } from "../support/routing.ts";
import { contextFor } from "../support/services.ts";

/** Characters of a picture as base64, of a message, and of a system prompt. */
const length = 1_600_000;
const count = 20;

const chat = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "Hello" } }] })}\n\n`;
const native = [
  { type: "message_start", message: { model: "m", usage: { input_tokens: 1 } } },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hello" } },
].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);

/** What a request is full of; no two are alike. */
const fillings: Readonly<Record<string, (mark: number) => object>> = {
  picture(mark) {
    const data = Buffer.alloc((length / 4) * 3, mark).toString("base64");
    const source = { type: "base64", media_type: "image/png", data };
    const content = [
      { type: "image", source },
      { type: "text", text: "What is it?" },
    ];
    return { messages: [{ role: "user", content }] };
  },
  message: (mark) => ({ messages: [{ role: "user", content: `${mark} `.repeat(length / 2) }] }),
  system: (mark) => ({
    system: `${mark} `.repeat(length / 2),
    messages: [{ role: "user", content: "What is it?" }],
  }),
};

function askAbout(filling: string, mark: number) {
  const body = { model: "claude-opus-5-5", max_tokens: 100, stream: true, ...fillings[filling]?.(mark) };
  const text = JSON.stringify(body);
  const headers = { "content-type": "application/json", "content-length": String(text.length) };
  return contextFor("/v1/messages", { method: "POST", headers, body: new Blob([text]) });
}

const beginnings: Readonly<Record<string, string>> = {
  chat,
  responses: `data: ${JSON.stringify({ type: "response.output_text.delta", delta: "Hello" })}\n\n`,
  anthropic: native.join(""),
};

test.each(
  Object.entries(beginnings).flatMap(([protocol, beginning]) =>
    Object.keys(fillings).map((filling) => ({ protocol, beginning, filling })),
  ),
)("an answer that has begun keeps no $filling: $protocol", async ({ protocol, beginning, filling }) => {
  const config = configWith(
    `[backends.there]\nurl = "http://127.0.0.1:9/v1"\nprotocol = "${protocol}"\nkeys = "k"\n[routes]\n"claude-*" = "there@*"\n`,
  );
  const made = createServices({ config, log: createLog("ERROR", () => {}), pace: defaultPace }, () => {});
  const services = { ...made, sender: createPatientSender(() => [beginning]), refreshModels: () => {} };
  const open = async (mark: number) => {
    const context = askAbout(filling, mark);
    const { body } = await answerMessages(context, services);
    const reader = body?.getReader();
    let text = "";
    while (!text.includes("Hello")) text += new TextDecoder().decode((await reader?.read())?.value);
    return { reader, context };
  };
  const first = await open(1);
  const before = await measureKept();
  const answers = await Promise.all(Array.from({ length: count }, (_, mark) => open(mark)));
  // The collector may still see a few: it takes whatever looks like a reference for one.
  expect((await measureKept()) - before).toBeLessThan((count * length) / 2);
  for (const { reader } of [first, ...answers]) await reader?.cancel();
});

/** Characters of each read beside its events, and the number of streams that are open. */
const readLength = 100_000;
const streamCount = 30;

const delta = (said: object) => ({ id: "chatcmpl-1", choices: [{ index: 0, delta: said }] });
const piece = (id: number, json: string, name?: string) => ({
  index: id,
  ...(name !== undefined && { id: `call_of_the_backend_${id}`, type: "function" }),
  function: { ...(name !== undefined && { name }), arguments: json },
});
const calls = (...tool_calls: object[]) => delta({ tool_calls });

/** Many pieces of a text that has no end, without a space at their ends. */
const many = Array.from({ length: 16 }, (_, at) => `and on page ${at} of it, `);
const hello = "Hello";

const summary = { type: "response.reasoning_summary_text.delta", item_id: "rs_of_the_backend" };
const text = { type: "response.output_text.delta", item_id: "msg_of_the_backend" };
const call = { type: "function_call", id: "fc_1", call_id: "call_of_the_backend", name: "weather" };

/** The events of each read of a stream, or how they are written. */
type Reads = readonly (readonly (object | string)[])[];

/** What streams consist of; the last read of each says "Hello". */
const scripts: Readonly<Record<string, Readonly<Record<string, Reads>>>> = {
  chat: {
    "the beginning of an event": [
      [delta({ content: "Good morning. Hello" }), 'data: {"id":"chatcmpl-1","cho'],
    ],
    "a text": [[delta({ content: "Good morning. Hello" })]],
    "texts of one read": [[...many, hello].map((content) => delta({ content }))],
    "texts of many reads": [...many, hello].map((content) => [delta({ content })]),
    "reasoning of many reads": [...many, hello].map((reasoning_content) => [delta({ reasoning_content })]),
    "a text after reasoning": [
      ...many.map((reasoning) => [delta({ reasoning })]),
      [delta({ content: "Good morning. Hello" })],
    ],
    "a call": [
      [calls(piece(0, "", "weather"))],
      ...['{"place": "', ...many, hello].map((json) => [calls(piece(0, json))]),
    ],
  },
  anthropic: { "the beginning of an event": [[...native, "event: content_bl"]] },
  responses: {
    "a text": [[{ ...text, delta: "Good morning. Hello" }]],
    "a text after reasoning": [
      ...many.map((one) => [{ ...summary, delta: one }]),
      [{ ...text, delta: "Good morning. Hello" }],
    ],
    "a call": [
      [{ type: "response.output_item.added", output_index: 0, item: call }],
      ...['{"place": "', ...many, hello].map((one) => [
        { type: "response.function_call_arguments.delta", output_index: 0, item_id: "fc_1", delta: one },
      ]),
    ],
  },
};

/** Beside its events, each read has a long comment. */
function* writeReads(reads: Reads): Generator<string> {
  for (const events of reads) yield `: ${"x".repeat(readLength)}\n\n${events.map(writeEvent).join("")}`;
}

function writeEvent(event: object | string): string {
  return typeof event === "string" ? event : `data: ${JSON.stringify(event)}\n\n`;
}

const tools = [
  { name: "weather", input_schema: { type: "object", properties: { place: { type: "string" } } } },
];

test.each(
  Object.entries(scripts).flatMap(([protocol, all]) =>
    Object.entries(all).map(([said, reads]) => ({ protocol, said, reads })),
  ),
)("a stream keeps no text of its reads: $protocol, $said", async ({ protocol, reads }) => {
  const config = configWith(
    `[backends.there]\nurl = "http://127.0.0.1:9/v1"\nprotocol = "${protocol}"\nkeys = "k"\n[routes]\n"claude-*" = "there@*"\n`,
  );
  const made = createServices({ config, log: createLog("ERROR", () => {}), pace: defaultPace }, () => {});
  const services = { ...made, sender: createPatientSender(() => writeReads(reads)), refreshModels: () => {} };
  const thinking = { type: "enabled", budget_tokens: 1024 };
  const messages = [{ role: "user", content: "What is it?" }];
  const open = async () => {
    const asked = { model: "claude-opus-5-5", max_tokens: 2000, stream: true, thinking, messages, tools };
    const text = JSON.stringify(asked);
    const headers = { "content-type": "application/json", "content-length": String(text.length) };
    const context = contextFor("/v1/messages", { method: "POST", headers, body: new Blob([text]) });
    const { body } = await answerMessages(context, services);
    const reader = body?.getReader();
    let seen = "";
    while (!seen.includes("Hello")) seen += new TextDecoder().decode((await reader?.read())?.value);
    return { reader, context };
  };
  const first = await open();
  const before = await measureKept();
  const streams = await Promise.all(Array.from({ length: streamCount }, open));
  const grown = (await measureKept()) - before;
  // The last pieces of a text are kept as they are: whether such a piece refers to its read is up to the compiler. And
  // the collector takes for a reference whatever looks like one.
  expect(grown).toBeLessThan(streamCount * readLength * (1.5 + reads.length / 5));
  for (const { reader } of [first, ...streams]) await reader?.cancel();
});
