import { expect, test } from "bun:test";
import { createLog } from "../../src/telemetry/log.ts";
import { createHealing } from "../../src/upstream/attempt/remember-corrections.ts";
import { countAtBackend } from "../../src/upstream/count-tokens.ts";
import { createFakeSender } from "../support/fake-sender.ts";
import { nativePlan } from "../support/native-plans.ts";
import { planFor } from "../support/plans.ts";
import { ask } from "../support/proxy.ts";

const never = new AbortController().signal;

function count(status: number, body: unknown, plan = nativePlan()) {
  const sender = createFakeSender({ status, pieces: [JSON.stringify(body)] });
  const healing = createHealing(createLog("ERROR", () => {}));
  return { sender, healing, plan, counted: countAtBackend(plan, { sender, healing }, never) };
}

test("the backend's count is passed on", async () => {
  const { counted, sender } = count(200, { input_tokens: 12, more: true });
  expect(await counted).toEqual({ input_tokens: 12, more: true });
  expect(sender.requests[0]?.url).toMatch(/\/v1\/messages\/count_tokens$/);
});

test("what it refuses is refused", async () => {
  const { counted } = count(400, { error: { type: "invalid_request_error", message: "messages: no" } });
  await expect(counted).rejects.toMatchObject({ kind: "invalid-request" });
});

test.each([404, 429, 500])("after a %p there is none", async (status) => {
  const { counted, healing, plan } = count(status, {});
  expect(await counted).toBeUndefined();
  expect(healing.learned(plan)).toHaveLength(status === 404 ? 1 : 0);
});

test("others are not asked", async () => {
  const { counted, sender } = count(200, { input_tokens: 12 }, planFor(ask()));
  expect(await counted).toBeUndefined();
  expect(sender.requests).toEqual([]);
});
