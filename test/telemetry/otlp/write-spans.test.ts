import { expect, test } from "bun:test";
import fc from "fast-check";
import { writeSpans } from "../../../src/telemetry/otlp/write-spans.ts";
import { entry } from "../../support/entries.ts";
import { throughProtobuf } from "../../support/otlp.ts";

const source = { serviceName: "proxy", version: "1.2.3", instanceId: "i1" };
const trace = {
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  spanId: "00f067aa0ba902b7",
  parentId: "53995c3f42cd8ad8",
  isSampled: true,
  state: "vendor=1",
};

const attributesOf = (body: ReturnType<typeof writeSpans>) =>
  Object.fromEntries(
    (body.resourceSpans[0]?.scopeSpans[0]?.spans[0]?.attributes ?? []).map(({ key, value }) => [
      key,
      Object.values(value)[0],
    ]),
  );

test("a span has the attributes of the conventions", () => {
  const message = entry({ session: "s1", stopReason: "end_turn", backend: "[::1]:8080", costUsd: 0.5 });
  const body = writeSpans([{ entry: message, trace, provider: "generic" }], source);
  expect(attributesOf(body)).toMatchObject({
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "generic",
    "gen_ai.request.model": "big-model",
    "gen_ai.conversation.id": "s1",
    "gen_ai.usage.input_tokens": "1000",
    "gen_ai.usage.output_tokens": "50",
    "server.address": "::1",
    "server.port": "8080",
    "claude_code_proxy.cost_usd": 0.5,
  });
  expect(body.resourceSpans[0]?.scopeSpans[0]?.spans[0]).toMatchObject({
    traceId: trace.traceId,
    parentSpanId: trace.parentId,
    name: "chat big-model",
    startTimeUnixNano: String(BigInt(message.startedAt) * 1_000_000n),
    endTimeUnixNano: String(BigInt(message.startedAt + 2000) * 1_000_000n),
  });
});

test("a failure is one", () => {
  const failed = entry({ status: 529, error: "overloaded" });
  const body = writeSpans(
    [{ entry: failed, trace: { ...trace, parentId: undefined }, provider: "generic" }],
    source,
  );
  expect(attributesOf(body)).toMatchObject({
    "error.type": "overloaded",
    "http.response.status_code": "529",
  });
  expect(body.resourceSpans[0]?.scopeSpans[0]?.spans[0]).toMatchObject({
    status: { code: 2, message: "overloaded" },
  });
});

test("every span is what the protobuf definitions say, and nothing of it is lost", () => {
  const name = fc.string({ unit: "binary", maxLength: 20 });
  const arbitrary = fc.record({
    asked: name,
    model: name,
    session: fc.option(name, { nil: undefined }),
    error: fc.constantFrom(undefined, "overloaded"),
    healed: fc.array(name, { maxLength: 3 }),
    costUsd: fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: undefined }),
    inputTokens: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(arbitrary, { maxLength: 4 }), (rows) => {
      const body = writeSpans(
        rows.map((changes) => ({ entry: entry(changes), trace, provider: "generic" })),
        source,
      );
      const plain: unknown = JSON.parse(JSON.stringify(body));
      if (rows.length > 0) expect<unknown>(throughProtobuf("traces", body)).toEqual(plain);
    }),
  );
});
