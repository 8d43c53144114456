/** Refused fields of a body of `/responses`. */
import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../../src/lib/json.ts";
import { applyCorrections, type Correction } from "../../../src/upstream/corrections.ts";
import { findCorrection } from "../../../src/upstream/healing/find-correction.ts";
import { readError } from "../../../src/upstream/refusal/read-error.ts";
import { openai, written } from "../../support/refusals.ts";
import { responsesPlan } from "../../support/responses-requests.ts";

const plan = { ...responsesPlan({}), otherWays: [] };
const full: JsonObject = {
  model: "m",
  input: [
    { type: "message", role: "developer", content: "Temperature and store are only words here" },
    { type: "message", role: "assistant", content: "Hi", phase: "commentary" },
  ],
  tools: [{ type: "function", name: "store", parameters: { type: "object" }, strict: false }],
  tool_choice: { type: "function", name: "store" },
  stream: true,
  store: false,
  include: ["reasoning.encrypted_content"],
  max_output_tokens: 20_000,
  max_tool_calls: 3,
  temperature: 0.5,
  reasoning: { effort: "xhigh", summary: "auto" },
  text: { format: { type: "json_schema", name: "response", schema: {}, strict: true } },
  parallel_tool_calls: false,
  safety_identifier: "s",
  prompt_cache_key: "k",
  service_tier: "priority",
};
const find = (error: object, body = full) =>
  findCorrection(readError(400, new Headers(), JSON.stringify(error), plan), plan, written(body));

describe("a field that is not accepted is removed", () => {
  test.each([
    "include",
    "store",
    "max_tool_calls",
    "temperature",
    "parallel_tool_calls",
    "safety_identifier",
    "prompt_cache_key",
    "service_tier",
  ])("%s", (path) => {
    expect(find(openai(`Unknown parameter: '${path}'.`, path, "unknown_parameter"))).toEqual({
      change: "drop",
      path,
    });
  });

  test.each<[string, object, Correction]>([
    [
      "the phase of messages",
      openai("Unknown parameter: 'input[1].phase'.", "input[1].phase"),
      { change: "drop", path: "input[].phase" },
    ],
    [
      "summaries, for an account that is not verified",
      openai(
        "Your organization must be verified to generate reasoning summaries.",
        "reasoning.summary",
        "unsupported_value",
      ),
      { change: "drop", path: "reasoning.summary" },
    ],
    [
      "strict, which is not known",
      openai("Unknown parameter: 'tools[0].strict'.", "tools[0].strict"),
      { change: "drop", path: "tools[].strict" },
    ],
  ])("%s", (_, error, expected) => {
    expect(find(error)).toEqual(expected);
  });
});

test("a field gets another value", () => {
  expect(
    find(
      openai(
        "Unsupported value: 'xhigh' is not supported with this model. Supported values are: 'low', 'medium', and 'high'.",
        "reasoning.effort",
      ),
    ),
  ).toEqual({
    change: "replace",
    path: "reasoning.effort",
    from: "xhigh",
    to: "high",
  });
  expect(
    find(openai("max_output_tokens is too large: 20000. This model supports at most 16384 output tokens")),
  ).toEqual({
    change: "cap",
    path: "max_output_tokens",
    to: 16_384,
  });
  expect(
    find(
      openai(
        "Invalid schema for response_format 'response': too deep",
        "text.format.schema",
        "invalid_json_schema",
      ),
    ),
  ).toEqual({
    change: "drop",
    path: "text.format.strict",
  });
  expect(find(openai("Unexpected role 'developer'", "input[0].role"))).toEqual({
    change: "replace",
    path: "input[].role",
    from: "developer",
    to: "system",
  });
  const strict = {
    ...full,
    tools: [{ type: "function", name: "save", parameters: { type: "object" }, strict: true }],
  };
  const refusal = openai(
    "Invalid schema for function 'save': 'required' is required to be supplied",
    "tools[0].parameters",
    "invalid_function_parameters",
  );
  expect(find(refusal, strict)).toEqual({ change: "replace", path: "tools[].strict", from: true, to: false });
});

test("a corrected body keeps its items", () => {
  const { input, tools } = applyCorrections(full, [
    { change: "drop", path: "input[].phase" },
    { change: "drop", path: "include" },
  ]);
  expect(input).toEqual([
    { type: "message", role: "developer", content: "Temperature and store are only words here" },
    { type: "message", role: "assistant", content: "Hi" },
  ]);
  expect(tools).toEqual(full.tools);
});

describe("a search whose pages cannot be asked for", () => {
  const include = ["reasoning.encrypted_content", "web_search_call.action.sources"];
  const asked = { ...full, include };
  const withoutPages = { change: "adopt", path: "include", quirks: { web: { sources: false } } };
  test.each<[string, object, object]>([
    [
      "is named",
      openai("Unsupported include value: 'web_search_call.action.sources'", "include"),
      withoutPages,
    ],
    [
      "has its place named",
      openai("Invalid value. Supported values are: 'reasoning.encrypted_content'", "include[1]"),
      withoutPages,
    ],
    [
      "is not meant",
      openai("Invalid value. Supported values are: 'other'", "include[0]"),
      { change: "drop", path: "include" },
    ],
  ])("%s", (_, error, expected) => {
    const search = { ...plan, quirks: { ...plan.quirks, web: { ...plan.quirks.web, sources: true } } };
    const read = readError(400, new Headers(), JSON.stringify(error), search);
    expect(findCorrection(read, search, written(asked))).toMatchObject(expected);
  });
});
