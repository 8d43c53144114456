import { describe, expect, test } from "bun:test";
import type { ConvertedProtocol } from "../../../src/catalog/quirks.ts";
import { findCorrection } from "../../../src/upstream/healing/find-correction.ts";
import { readError } from "../../../src/upstream/refusal/read-error.ts";
import { planFor } from "../../support/plans.ts";
import { ask } from "../../support/proxy.ts";
import { openai, written } from "../../support/refusals.ts";

const asked = planFor(ask(), { model: "gpt-5.9", protocol: "by-model" });
const plans = {
  chat: asked,
  responses: { ...asked, ...asked.otherWays[0], otherWays: [{ ...asked, protocol: "chat" }] },
} as const satisfies Record<ConvertedProtocol, object>;

function find(status: number, error: unknown, from: ConvertedProtocol = "chat") {
  const plan = plans[from];
  const body = typeof error === "string" ? error : JSON.stringify(error);
  return findCorrection(readError(status, new Headers(), body, plan), plan, written({ model: "gpt-5.9" }));
}

describe("another protocol is tried", () => {
  test.each<[string, number, unknown]>([
    [
      "OpenAI",
      400,
      openai(
        "Function tools with reasoning_effort are not supported for gpt-5.4 in /v1/chat/completions. Please use /v1/responses instead.",
      ),
    ],
    [
      "OpenAI's codex",
      404,
      openai("This model is only supported in v1/responses and not in v1/chat/completions."),
    ],
    [
      "no chat model",
      404,
      openai(
        "This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?",
      ),
    ],
    ["Copilot", 400, openai("model gpt-5.4 is not accessible", null, "unsupported_api_for_model")],
    [
      "Copilot's other code",
      400,
      openai(
        'model "gpt-5.6-luna" is not accessible via the /chat/completions endpoint',
        null,
        "model_not_supported",
      ),
    ],
    [
      "a gateway",
      400,
      openai("Unsupported parameter: 'messages'. In the Responses API, this parameter has moved to 'input'."),
    ],
    [
      "an endpoint that is closed to the model",
      400,
      openai("The chat completions endpoint is not available for this model"),
    ],
    [
      "any words",
      400,
      openai("gpt-9 does not work with the chat completions endpoint, please use the Responses API"),
    ],
  ])("%s", (_, status, error) => {
    expect(find(status, error)).toEqual({ change: "move", path: "chat", to: "responses" });
  });

  test.each<[string, number, unknown]>([
    ["a path that is not there", 404, openai("Invalid URL (POST /v1/responses)")],
    ["a bare 404", 404, "404 page not found"],
    [
      "Azure, asked by an old version",
      400,
      openai("Azure OpenAI Responses API is enabled only for api-version 2025-03-01-preview and later"),
    ],
    [
      "LM Studio, which says so in a 200",
      200,
      { error: "Unexpected endpoint or method. (POST /v1/responses)" },
    ],
    [
      "another advice",
      400,
      openai("Model gpt-9 is not supported in /v1/responses, use /v1/chat/completions"),
    ],
  ])("and the other way round: %s", (_, status, error) => {
    expect(find(status, error, "responses")).toEqual({ change: "move", path: "responses", to: "chat" });
  });
});

describe("the protocol stays", () => {
  test.each<[string, number, unknown]>([
    ["a wrong address", 404, "404 page not found"],
    [
      "a refused field",
      400,
      openai("Unsupported parameter: 'seed'. See /v1/chat/completions in the reference"),
    ],
    ["a missing model", 404, openai("The model `gpt-5.9` does not exist", null, "model_not_found")],
    ["a refused key", 401, openai("Incorrect API key. Please use /v1/responses instead.")],
    ["the word alone", 400, openai("Too many responses were asked for")],
  ])("for %s", (_, status, error) => {
    expect(find(status, error)?.change).not.toBe("move");
  });

  test("where the operator has chosen it", () => {
    const plan = { ...asked, otherWays: [] };
    const error = readError(
      400,
      new Headers(),
      JSON.stringify(openai("Please use /v1/responses instead")),
      plan,
    );
    expect(findCorrection(error, plan, written({}))).toBeUndefined();
  });
});
