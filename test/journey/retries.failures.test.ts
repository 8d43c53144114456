/** Failures that may pass by themselves. A built program takes its time between two tries, so that all wait at once. */
import { describe, expect, test } from "bun:test";
import {
  chunks,
  contentChunk,
  cut,
  encodeChunk,
  type FakeReply,
  finishChunk,
  json,
  raw,
  status,
  text,
  usageChunk,
} from "../support/fake-upstream.ts";
import { startProxy } from "../support/proxy.ts";

const failures: [name: string, FakeReply][] = [
  ["overloaded", status(529)],
  ["bad gateway", status(502, "<html>Bad gateway</html>")],
  ["a rate limit", status(429)],
  ["a broken connection", cut("before-headers")],
  ["a failure as the first event", raw(encodeChunk({ error: { code: 503, message: "Overloaded" } }))],
  ["a failure in a 200", json({ error: { code: 503, message: "Overloaded" } })],
  ["a stream that ends before any content", raw(encodeChunk(usageChunk(0)))],
  ["a stream that breaks before any content", cut(encodeChunk(contentChunk("")))],
  ["a model failure as a finish reason", chunks([finishChunk("network_error")])],
];

describe.concurrent("a request is sent again after", () => {
  for (const [name, failure] of failures) {
    test.each([true, false])(`${name} (stream: %p)`, async (stream) => {
      const proxy = await startProxy([failure, failure, text("Hello")]);
      expect(await proxy.say({ stream })).toBe("Hello");
      expect(proxy.upstream.requests.filter(({ method }) => method === "POST")).toHaveLength(3);
      await proxy.close();
    });
  }
});
