import { expect, test } from "bun:test";
import {
  systemParts,
  writeFormat,
  writeIdentity,
  writeSampling,
  writeTier,
} from "../../src/upstream/write-options.ts";
import { marked, text } from "../support/chat-requests.ts";
import { planFor } from "../support/plans.ts";
import { ask } from "../support/proxy.ts";

test("the system prompt is its blocks and what is added, without blank ones", () => {
  const plan = planFor(ask({ system: [text("Be brief", marked), text(" ")] }), {
    backend: "openrouter",
    model: "anthropic/claude-opus-5",
  });
  expect<unknown[]>(systemParts(plan, ["Manual", undefined])).toEqual([
    text("Be brief", marked),
    text("Manual"),
  ]);
});

test("sampling is kept within the backend's range, or left out with a note", () => {
  const sampling = { temperature: 1.5, top_p: 0.5 };
  const notes: string[] = [];
  const note = (words: string) => void notes.push(words);
  const limited = planFor(ask(sampling), { backend: "mistral" });
  expect(writeSampling({ ...limited }, note)).toEqual({
    temperature: Math.min(1.5, limited.quirks.sampling.temperatureRange[1]),
    top_p: 0.5,
  });
  expect(writeSampling(planFor(ask(sampling), { backend: "openai", model: "o3" }), note)).toEqual({});
  expect(notes).toEqual(["left out temperature and top_p"]);
});

test("a schema for the answer is a field, or words where the backend has none", () => {
  const schema = { type: "object", properties: {}, additionalProperties: false, required: [] };
  const body = ask({ output_config: { format: { type: "json_schema", schema } } });
  expect(writeFormat(planFor(body)).fields).toMatchObject({
    type: "json_schema",
    name: "response",
    strict: true,
  });
  const plan = planFor(body);
  const format = plan.format && { ...plan.format, form: "none" as const };
  expect(writeFormat({ ...plan, format })).toEqual({ instruction: expect.stringContaining("JSON schema") });
  expect(writeFormat(planFor(ask()))).toEqual({});
});

test("the user is a hash, and the session groups requests", () => {
  const plan = planFor(ask({ metadata: { user_id: "me" } }), {
    backend: "openai",
    sessionId: "s".repeat(80),
  });
  expect(writeIdentity(plan)).toEqual({
    safety_identifier: expect.stringMatching(/^[0-9a-f]{64}$/),
    prompt_cache_key: "s".repeat(64),
  });
  expect(writeIdentity(planFor(ask({ metadata: { user_id: "me" } })))).toEqual({});
});

test("a tier is asked for where there are any", () => {
  expect(writeTier(planFor(ask({ speed: "fast" }), { backend: "openai" }))).toEqual({
    service_tier: "priority",
  });
  expect(writeTier(planFor(ask({ service_tier: "standard_only" }), { backend: "openai" }))).toEqual({
    service_tier: "default",
  });
  expect(writeTier(planFor(ask({ speed: "fast" })))).toEqual({});
});
