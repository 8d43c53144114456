import { describe, expect, test } from "bun:test";
import type { ErrorKind } from "../../../../src/errors.ts";
import { findError } from "../../../../src/upstream/openai-chat/reply/find-error.ts";
import { readErrorFrame } from "../../../../src/upstream/refusal/read-error.ts";
import { planFor } from "../../../support/plans.ts";
import { ask } from "../../../support/proxy.ts";

const plan = planFor(ask());

describe("errors inside events and 200 bodies", () => {
  const rows: [name: string, value: unknown, kind: ErrorKind][] = [
    ["a numeric code", { error: { code: 429, message: "Slow down" } }, "rate-limit"],
    ["a numeric string", { error: { code: "502", message: "Bad gateway" } }, "upstream"],
    ["beside choices", { id: "x", error: { code: 504, message: "Late" }, choices: [] }, "timeout"],
    ["in a choice", { choices: [{ error: { code: 402, message: "Pay" } }] }, "billing"],
    ["in x_groq", { choices: [], x_groq: { error: "over_capacity" } }, "upstream"],
    ["flat", { object: "error", message: "Bad", type: "BadRequestError", code: 400 }, "invalid-request"],
    ["a list", [{ error: { status: "RESOURCE_EXHAUSTED", message: "Wait" } }], "rate-limit"],
    ["an error as text", { error: "Failed" }, "upstream"],
    ["Anthropic's type", { error: { type: "overloaded_error", message: "Overloaded" } }, "overloaded"],
    ["overflow", { error: { message: "context length exceeded" } }, "prompt-too-long"],
  ];
  for (const [name, value, kind] of rows) {
    test(name, () => {
      const found = findError(value);
      expect(found).toBeDefined();
      expect(readErrorFrame(found, plan).kind).toBe(kind);
    });
  }

  const ordinary: [name: string, value: unknown][] = [
    ["a chunk", { object: "chat.completion.chunk", choices: [{ index: 0, delta: { content: "error" } }] }],
    ["error: null", { error: null, choices: [{ delta: {}, error: null }] }],
    ["empty errors", { error: {}, choices: [] }],
    ["base_resp of success", { choices: [], base_resp: { status_code: 0, status_msg: "" } }],
    ["x_groq with usage", { choices: [], x_groq: { id: "x", usage: {} } }],
    ["an empty list", []],
    ["text named error", "error"],
    ["nothing", undefined],
    ["null", null],
  ];
  for (const [name, value] of ordinary) {
    test(`${name} is not an error`, () => expect(findError(value)).toBeUndefined());
  }
});
