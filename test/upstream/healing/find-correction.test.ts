import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { JsonObject } from "../../../src/lib/json.ts";
import { applyCorrections, type Correction } from "../../../src/upstream/corrections.ts";
import { findCorrection } from "../../../src/upstream/healing/find-correction.ts";
import { readErrorFrame } from "../../../src/upstream/refusal/read-error.ts";
import { check, findFor, full, openai, plan, written } from "../../support/refusals.ts";

describe("an answer in one piece", () => {
  const stream: Correction = {
    change: "adopt",
    path: "stream",
    to: "a stream",
    quirks: { request: { wholeAnswers: false } },
  };
  const whole = { stream: false, stream_options: undefined };
  check([
    [
      "DashScope's open models",
      400,
      openai("parameter.enable_thinking must be set to false for non-streaming calls"),
      stream,
      whole,
    ],
    [
      "DashScope's QwQ",
      400,
      openai("This model only support stream mode, please enable stream"),
      stream,
      whole,
    ],
    ["a stream that was refused for another reason", 400, openai("Streaming is off today"), undefined],
  ]);
});

describe("max_tokens", () => {
  const cap = (to: number, path = "max_tokens"): Correction => ({ change: "cap", path, to });
  const once = (to: number): Correction => ({ ...cap(to), once: true });
  check([
    [
      "OpenAI's output limit",
      400,
      openai(
        "max_tokens is too large: 20000. This model supports at most 16384 completion tokens, whereas you provided 20000.",
        "max_tokens",
        "invalid_value",
      ),
      cap(16_384),
    ],
    [
      "a range",
      400,
      openai("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]"),
      cap(8192),
    ],
    ["another range", 400, openai("Range of max_tokens should be [1, 8,192]"), cap(8192)],
    [
      "a comparison",
      400,
      openai("`max_completion_tokens` must be less than or equal to `8192`, the maximum value"),
      cap(8192, "max_completion_tokens"),
      { max_tokens: undefined, max_completion_tokens: 20_000 },
    ],
    [
      "prompt and answer over the window, the prompt alone within",
      400,
      openai(
        "This model's maximum context length is 32768 tokens. However, you requested 33000 tokens (13000 in the messages, 20000 in the completion).",
        "messages",
        "context_length_exceeded",
      ),
      once(32_768 - 13_000 - 512),
    ],
    [
      "a prompt that was not counted to its end",
      400,
      openai(
        "This model's maximum context length is 32768 tokens. However, you requested 20000 output tokens and your prompt contains at least 12769 input tokens, for a total of at least 32769 tokens.",
      ),
      once(Math.floor(20_000 / 3) - 512),
    ],
    [
      "a prompt that is too long on its own",
      400,
      openai(
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
      ),
      undefined,
    ],
  ]);
});

describe("what is not corrected", () => {
  check([
    ["a refused key", 401, openai("Incorrect API key, temperature not supported"), undefined],
    ["a rate limit", 429, openai("temperature not supported"), undefined],
    [
      "an unknown model",
      404,
      openai("The model `temperature` does not exist", null, "model_not_found"),
      undefined,
    ],
    ["tools", 400, openai("registry.example/gemma does not support tools"), undefined],
    [
      "a message",
      400,
      openai("Unsupported content: 'user' cannot be used here", "messages[1].content"),
      undefined,
    ],
    [
      "a server without a tool parser",
      400,
      openai('"auto" tool choice requires --enable-auto-tool-choice'),
      undefined,
    ],
    [
      "a value out of range",
      400,
      openai("temperature must be less than or equal to 1", "temperature"),
      undefined,
    ],
    [
      "an image, which the client removes itself",
      400,
      openai("Invalid content for 'user': image inputs are not supported by this model"),
      undefined,
    ],
    ["a field that was not sent", 400, openai("Unknown parameter: 'seed'.", "seed"), undefined],
  ]);

  test("what a correction has removed already", () => {
    const refusal = openai("Unsupported parameter: 'top_p'", "top_p");
    const first = findFor(400, refusal, full);
    expect(findFor(400, refusal, applyCorrections(full, first ? [first] : []))).toBeUndefined();
  });
});

test("a refusal inside a 200 is corrected too", () => {
  const error = readErrorFrame(openai("Unsupported parameter: 'top_p'", "top_p"), plan);
  expect(findCorrection(error, plan, written(full))).toEqual({ change: "drop", path: "top_p" });
});

test("for any complaints, model, content and tools stay, and applying corrections twice changes nothing", () => {
  const names = Object.keys(full);
  const places = [
    "messages[0]",
    "messages[2].content",
    "tools[0].function.name",
    "model",
    "messages[1].role",
  ];
  const wording = fc.constantFrom(
    (name: string) => `Unsupported parameter: '${name}'`,
    (name: string) => `${name}: Extra inputs are not permitted`,
    (name: string) => `Invalid value for '${name}'. Supported values are: 'none', 'low'`,
    (name: string) => `Argument not supported: ${name}, function tools, reasoning, developer role`,
    (name: string) => `Invalid schema for function: ${name} is not permitted`,
  );
  const complaints = fc.array(
    fc.record({ name: fc.constantFrom(...names, ...places), wording, hasParam: fc.boolean() }),
    { maxLength: 12 },
  );
  const substance = (body: JsonObject) => ({
    model: body.model,
    messages: messagesOf(body).map(({ content }) => content),
    tools: JSON.stringify(body.tools).replaceAll(',"strict":true', ""),
    stream: body.stream,
  });
  fc.assert(
    fc.property(complaints, (complaints) => {
      const corrections: Correction[] = [];
      let body: JsonObject = full;
      for (const { name, wording, hasParam } of complaints) {
        const found = findFor(400, openai(wording(name), hasParam ? name : null), body);
        if (found) corrections.push(found);
        body = applyCorrections(full, corrections);
      }
      expect(substance(body)).toEqual(substance(full));
      expect(applyCorrections(body, corrections)).toEqual(body);
      const remembered: Correction[] = JSON.parse(JSON.stringify(corrections));
      expect(applyCorrections(full, remembered)).toEqual(body);
    }),
  );
});

function messagesOf(body: JsonObject): JsonObject[] {
  return Array.isArray(body.messages) ? body.messages : [];
}
