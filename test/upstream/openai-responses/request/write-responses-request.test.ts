import { describe, expect, test } from "bun:test";
import { writeResponsesRequest } from "../../../../src/upstream/openai-responses/request/write-responses-request.ts";
import { image, text, user } from "../../../support/chat-requests.ts";
import type { PlanChanges } from "../../../support/plans.ts";
import { responsesFor, responsesPlan, writtenResponses } from "../../../support/responses-requests.ts";

test("a plain request stores nothing, and asks for sealed reasoning", () => {
  expect<unknown>(responsesFor({ max_tokens: 100, system: "Be brief", stream: true })).toEqual({
    model: "gpt-5.4",
    input: [
      { type: "message", role: "developer", content: "Be brief" },
      { type: "message", role: "user", content: "Hello" },
    ],
    stream: true,
    store: false,
    include: ["reasoning.encrypted_content"],
    max_output_tokens: 100,
  });
});

test("everything that a client may ask for has its field", () => {
  const schema = { type: "object", properties: {}, additionalProperties: false, required: [] };
  const body = responsesFor(
    {
      max_tokens: 100,
      thinking: { type: "adaptive" },
      output_config: { effort: "high", format: { type: "json_schema", schema } },
      metadata: { user_id: "me" },
      speed: "fast",
    },
    { sessionId: "session" },
  );
  expect(body).toMatchObject({
    reasoning: { effort: "high", summary: "auto" },
    text: { format: { type: "json_schema", name: "response", strict: true, schema } },
    safety_identifier: expect.stringMatching(/^[0-9a-f]{64}$/),
    prompt_cache_key: "session",
    service_tier: "priority",
  });
});

describe("reasoning", () => {
  const tools = [{ name: "Read", input_schema: { type: "object" } }];
  test.each<[model: string, asked: object, expected: unknown]>([
    ["gpt-5.4", { thinking: { type: "adaptive" }, tools }, { summary: "auto" }],
    [
      "gpt-5.4",
      { thinking: { type: "enabled", budget_tokens: 10_000 }, max_tokens: 20_000, tools },
      { effort: "high", summary: "auto" },
    ],
    [
      "gpt-5.6-sol",
      { thinking: { type: "adaptive" }, output_config: { effort: "max" }, tools },
      { effort: "max", summary: "auto" },
    ],
    [
      "gpt-5.4",
      { thinking: { type: "adaptive" }, output_config: { effort: "max" } },
      { effort: "xhigh", summary: "auto" },
    ],
    ["gpt-5.4", { thinking: { type: "disabled" }, tools }, { effort: "none" }],
    ["gpt-6-astra", { thinking: { type: "disabled" }, tools }, { effort: "low" }],
    ["gpt-5-pro", { thinking: { type: "disabled" } }, undefined],
    ["gpt-5.4", {}, undefined],
    ["gpt-4.1", { thinking: { type: "adaptive" } }, undefined],
  ])("%s %j is asked as %j", (model, asked, expected) => {
    expect<unknown>(JSON.parse(String(writtenResponses(asked, { model }).body)).reasoning).toEqual(expected);
    responsesFor(asked, { model });
  });
});

test("what it has no field for is named", () => {
  const { notes, body } = writtenResponses({ temperature: 0.5, top_k: 3, stop_sequences: ["END"] });
  expect(notes).toEqual(["left out top_k", "left out temperature and top_p"]);
  expect(JSON.parse(String(body))).not.toHaveProperty("stop");
  const old: PlanChanges = { model: "gpt-4.1" };
  expect(responsesFor({ temperature: 0.5, top_p: 0.9 }, old)).toMatchObject({ temperature: 0.5, top_p: 0.9 });
});

test("the smallest answer is sixteen tokens", () => {
  expect(responsesFor({ max_tokens: 1 }).max_output_tokens).toBe(16);
});

test("pictures are in the body as they came, however large", () => {
  const data = "QUJD".repeat(10_000);
  const large = { ...image, source: { ...image.source, data } };
  const { input } = responsesFor({ messages: [user(text("“See”"), large)] });
  expect(input).toMatchObject([
    { content: [{ text: "“See”" }, { image_url: `data:image/png;base64,${data}` }] },
  ]);
});

test("corrections are applied to the body", () => {
  const { body } = writeResponsesRequest(responsesPlan({}), [{ change: "drop", path: "include" }]);
  expect(JSON.parse(String(body))).not.toHaveProperty("include");
});
