/** Refusals that contradict each other: the search for an acceptable request always ends. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { quirksForModel, quirksNamed } from "../../src/catalog/choose-quirks.ts";
import { isObject, parseJson } from "../../src/lib/json.ts";
import { readAll } from "../../src/reply.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { createHealing, type Healing } from "../../src/upstream/attempt/remember-corrections.ts";
import { readReply } from "../../src/upstream/read-reply.ts";
import type { Sender } from "../../src/upstream/transport/send.ts";
import { createFakeSender } from "../support/fake-sender.ts";
import { planFor } from "../support/plans.ts";
import { ask } from "../support/proxy.ts";

const log = createLog("ERROR", () => {});
const pace = { firstRetryDelay: 0, maxRetryDelay: 0 };
const tools = [
  { name: "Read", input_schema: { type: "object", properties: { a: { type: "string", format: "x" } } } },
];
const wish = { tools, thinking: { type: "adaptive" }, output_config: { effort: "high" }, temperature: 1 };

const answer = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "Hi" }, finish_reason: "stop" }] })}\n\ndata: [DONE]\n\n`;

/** A backend that refuses what `refuse` objects to; the bodies it got. */
async function exchange(
  refuse: (body: Record<string, unknown>) => string | undefined,
  healing: Healing,
  quirks = quirksNamed("generic"),
) {
  const bodies: string[] = [];
  const sender: Sender = {
    async send(request) {
      bodies.push(String(request.body ?? ""));
      const body = parseJson(String(request.body ?? ""));
      const message = isObject(body) ? refuse(body) : "no body";
      const reply =
        message === undefined
          ? { pieces: [answer] }
          : {
              status: 400,
              headers: { "content-type": "application/json" },
              pieces: [JSON.stringify({ error: { message, type: "invalid_request_error" } })],
            };
      return await createFakeSender(reply).send(request);
    },
  };
  const plan = { ...planFor(ask(wish)), quirks };
  const events = [];
  for await (const facts of readAll(
    readReply(
      plan,
      { sender, healing, pace, metrics: { retry: () => {} } },
      new AbortController().signal,
      () => {},
    ),
  ))
    events.push(...facts);
  const last = events.at(-1);
  return { bodies, error: last?.type === "failure" ? last.error : undefined };
}

describe("a model that takes tools with no effort at all", () => {
  const refuse = ({ reasoning_effort }: Record<string, unknown>) =>
    reasoning_effort === "none"
      ? "Unsupported value: 'reasoning_effort' does not support 'none' with this model. Supported values are: 'low', 'medium', 'high'."
      : "Function tools with reasoning_effort are not supported in /v1/chat/completions. Please use /v1/responses instead.";

  test("costs three calls at an unknown gateway, and says why each time", async () => {
    const healing = createHealing(log);
    for (let turn = 0; turn < 3; turn += 1) {
      const { bodies, error } = await exchange(refuse, healing);
      expect(bodies.length).toBeLessThanOrEqual(3);
      expect(error?.kind).toBe("invalid-request");
      expect(error?.message).toMatch(
        /^The backend refuses this request in every form that was tried \(.*none/,
      );
      expect(error?.message).toContain("/v1/responses");
    }
  });
});

test("what was learned is not unlearned by its opposite", () => {
  const healing = createHealing(log);
  const plan = planFor(ask(wish));
  const replace = (from: string, to: string) =>
    ({ change: "replace", path: "reasoning_effort", from, to }) as const;
  healing.learn(plan, [replace("none", "low")]);
  healing.learn(plan, [replace("low", "none")]);
  healing.learn(plan, [{ change: "rename", path: "max_tokens", to: "max_completion_tokens" }]);
  healing.learn(plan, [{ change: "rename", path: "max_completion_tokens", to: "max_tokens" }]);
  expect(healing.learned(plan)).toEqual([
    replace("none", "low"),
    { change: "rename", path: "max_tokens", to: "max_completion_tokens" },
  ]);
});

test("any refusals end the search: no body is sent twice, and there are few calls", async () => {
  const messages = fc.constantFrom(
    "Unsupported parameter: 'temperature'",
    "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
    "Unsupported parameter: 'max_completion_tokens'. Use 'max_tokens' instead.",
    "max_tokens must be at most 100",
    "max_completion_tokens must be at most 50",
    "'reasoning_effort' does not support this value. Supported values are: 'none'",
    "'reasoning_effort' does not support 'none'. Supported values are: 'low', 'high'",
    "'reasoning_effort' does not support this value. Supported values are: 'medium'",
    "Function tools with reasoning_effort are not supported",
    "Invalid schema for function 'Read': unknown format",
    "failed to parse grammar",
    "Unexpected role 'user' after role 'tool'",
    "message content cannot be empty",
    "Tool call id must be a-z, A-Z, 0-9, with a length of 9",
    "tools[0].function.description: string too long, at most 200",
    "stream_options is not supported",
    "Something else is wrong",
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.option(messages, { freq: 6, nil: undefined }), { minLength: 30, maxLength: 60 }),
      async (said) => {
        const healing = createHealing(log);
        let at = 0;
        for (let turn = 0; turn < 3; turn += 1) {
          const { bodies } = await exchange(() => said[at++ % said.length], healing);
          expect(bodies.length).toBeLessThanOrEqual(13);
          expect(new Set(bodies).size).toBe(bodies.length);
        }
      },
    ),
    { numRuns: 150 },
  );
});

test("a model of the catalog that cannot be asked for `none` is not", async () => {
  const quirks = quirksForModel(quirksNamed("openai"), "gpt-6-astra");
  const refusal = "Function tools with reasoning_effort are not supported. Please use /v1/responses instead.";
  const { bodies, error } = await exchange(() => refusal, createHealing(log), quirks);
  expect(bodies).toHaveLength(1);
  expect(error?.message).toBe(refusal);
});
