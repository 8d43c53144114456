import { expect, test } from "bun:test";
import { answerHealth, answerProbe } from "../../src/routes/health.ts";

test("health is a status, and a probe has no body", async () => {
  expect(await answerHealth().json()).toEqual({ status: "ok" });
  const probe = answerProbe();
  expect([probe.status, await probe.text()]).toEqual([200, ""]);
});
