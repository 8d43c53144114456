import { expect, test } from "bun:test";
import { openaiChat } from "../../../src/upstream/openai-chat/protocol.ts";
import { planFor } from "../../support/plans.ts";
import { ask } from "../../support/proxy.ts";

test.each([
  ["itself", { error: { code: 402, message: "Pay" } }],
  ["a choice", { choices: [{ error: { code: 402, message: "Pay" } }] }],
  ["x_groq", { choices: [], x_groq: { error: { code: 402, message: "Pay" } } }],
])("a failed answer is read where it reports the error: %s", (_, body) => {
  const error = openaiChat.readError(400, new Headers(), JSON.stringify(body), planFor(ask()));
  expect(error.message).toBe("Pay");
});

test("a failed answer without JSON is read as text", () => {
  const error = openaiChat.readError(502, new Headers(), "<html>Bad gateway</html>", planFor(ask()));
  expect([error.kind, error.message]).toEqual(["upstream", "Bad gateway"]);
});
