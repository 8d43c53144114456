import { describe, expect, test } from "bun:test";
import { ProxyError } from "../../src/errors.ts";
import { answerCountTokens } from "../../src/routes/count-tokens.ts";

const post = (body: string) =>
  answerCountTokens({
    request: new Request("http://127.0.0.1/v1/messages/count_tokens", { method: "POST", body }),
  });

describe("answerCountTokens", () => {
  test("G104: Claude Code's request, without max_tokens and with no tools, gets a number", async () => {
    const body = { model: "claude-opus-5-5", messages: [{ role: "user", content: "foo" }], tools: [] };
    const response = await post(JSON.stringify(body));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ input_tokens: expect.any(Number) });
  });

  test("max_tokens and stream, which have no place here, do no harm", async () => {
    const body = { model: "m", messages: [{ role: "user", content: "foo" }], max_tokens: 1, stream: true };
    expect((await post(JSON.stringify(body))).status).toBe(200);
  });

  for (const body of ["", "{", "[]", '{"model":"m"}', '{"model":"m","messages":[]}']) {
    test(`${body || "nothing"} is refused`, async () => {
      await expect(post(body)).rejects.toThrow(ProxyError);
    });
  }
});
