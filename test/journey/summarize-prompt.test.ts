import { expect, test } from "bun:test";
import { summarizePrompt } from "../../src/journey/summarize-prompt.ts";
import { contentChunk, encodeChunk, finishChunk } from "../support/fake-replies.ts";
import { type FakeAnswer, silence } from "../support/fake-sender.ts";
import { servicesFor } from "../support/services.ts";

const text = "A rule that every model hears, and an example of it. ".repeat(20);
const saying = (words: string, reason = "stop"): FakeAnswer => ({
  pieces: [encodeChunk(contentChunk(words)), encodeChunk(finishChunk(reason))],
});

function summarize(answer: FakeAnswer, withinMs = 60_000) {
  const services = servicesFor([answer]);
  const context = { ...services, sessionId: undefined };
  return { services, summary: summarizePrompt(text, 100, { context, upstream: services, withinMs }) };
}

test("the small model is asked once, with the text between tags, and its answer is trimmed", async () => {
  const short = "Mind the rule that every model hears. ".repeat(6).trim();
  const { services, summary } = summarize(saying(`\n${short}\n`));
  expect(await summary).toBe(short);
  const [request, ...more] = services.sender.requests;
  expect(more).toEqual([]);
  const { model, messages } = JSON.parse(String(request?.body ?? ""));
  expect(model).toBe("small-model");
  expect(messages[0].content).toContain("50 to 100 words");
  expect(messages.at(-1).content).toBe(`<instructions>\n${text}\n</instructions>`);
});

test.each<[string, FakeAnswer, RegExp]>([
  ["white space", saying(" \n "), /said nothing/],
  ["an answer that is longer", saying(text + text), /hardly shorter/],
  ["an answer that leaves out most", saying("Be brief."), /left out most of it/],
  ["a refusal", saying(`I'm sorry, I can't. ${text.slice(0, 300)}`), /refused/],
  ["an answer that was cut off", saying("Be br", "length"), /did not finish/],
  ["a failure", { status: 401, pieces: [] }, /key/],
])("%s is no summary", async (_, answer, message) => {
  await expect(summarize(answer).summary).rejects.toThrow(message);
});

test("a model that takes too long is not waited for", async () => {
  for (const pieces of [[silence], [encodeChunk(contentChunk("Be")), silence]] as const)
    await expect(summarize({ pieces }, 10).summary).rejects.toThrow("the model took more than 0.01 s");
});
