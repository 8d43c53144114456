import { expect, test } from "bun:test";
import { createDrain } from "../../src/journey/drain.ts";
import { answerHealth, answerProbe, answerReady } from "../../src/routes/health.ts";

test("health is a status, and a probe has no body", async () => {
  expect(await answerHealth().json()).toEqual({ status: "ok" });
  const probe = answerProbe();
  expect([probe.status, await probe.text()]).toEqual([200, ""]);
});

test("a proxy is ready until it stops", async () => {
  const drain = createDrain(2);
  expect(answerReady(undefined, { drain }).status).toBe(200);
  await drain.stop();
  expect(answerReady(undefined, { drain }).status).toBe(503);
});
