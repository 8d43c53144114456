import { heapStats } from "bun:jsc";
import { expect, test } from "bun:test";
import { createServices } from "../../src/journey/create-services.ts";
import { defaultPace } from "../../src/journey/services.ts";
import { answerMessages } from "../../src/routes/messages.ts";
import { createLog } from "../../src/telemetry/log.ts";
import type { Sender } from "../../src/upstream/transport/send.ts";
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

/** Begins every answer, and never ends it. It keeps nothing of a request. */
function createPatientSender(beginning: string): Sender {
  return {
    async send() {
      let bytes: Uint8Array | undefined = new TextEncoder().encode(beginning);
      return {
        status: 200,
        headers: new Headers({ "content-type": "text/event-stream" }),
        read() {
          const next = bytes;
          bytes = undefined;
          return next ? Promise.resolve(next) : Promise.withResolvers<undefined>().promise;
        },
        text: async () => "",
        begin() {},
        endAfterSilence() {},
        release() {},
      };
    },
  };
}

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

/** Bytes of strings and buffers that something still refers to. */
async function measure(): Promise<number> {
  // So that the stack of what has just run is gone.
  await Bun.sleep(1);
  Bun.gc(true);
  return heapStats().extraMemorySize;
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
  const services = { ...made, sender: createPatientSender(beginning), refreshModels: () => {} };
  const open = async (mark: number) => {
    const context = askAbout(filling, mark);
    const { body } = await answerMessages(context, services);
    const reader = body?.getReader();
    let text = "";
    while (!text.includes("Hello")) text += new TextDecoder().decode((await reader?.read())?.value);
    return { reader, context };
  };
  const first = await open(1);
  const before = await measure();
  const answers = await Promise.all(Array.from({ length: count }, (_, mark) => open(mark)));
  // The collector may still see a few: it takes whatever looks like a reference for one.
  expect((await measure()) - before).toBeLessThan((count * length) / 2);
  for (const { reader } of [first, ...answers]) await reader?.cancel();
});
