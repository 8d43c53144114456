import { describe, expect, test } from "bun:test";
import { beginSpan, writeTraceHeaders } from "../../../src/telemetry/otlp/trace-context.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const parentId = "00f067aa0ba902b7";

const begin = (traceparent: string, tracestate?: string) =>
  beginSpan(new Headers({ traceparent, ...(tracestate !== undefined && { tracestate }) }));

describe("a trace", () => {
  test("of a client goes on, with a span of our own", () => {
    const span = begin(`00-${traceId}-${parentId}-01`, "vendor=1");
    expect(span).toMatchObject({ traceId, parentId, isSampled: true, state: "vendor=1" });
    expect(span.spanId).toMatch(/^(?!0+$)[\da-f]{16}$/);
    expect(span.spanId).not.toBe(parentId);
    expect(writeTraceHeaders(span)).toEqual({
      traceparent: `00-${traceId}-${span.spanId}-01`,
      tracestate: "vendor=1",
    });
  });

  test("that is not sampled stays so", () => {
    const span = begin(`00-${traceId}-${parentId}-00`);
    expect(writeTraceHeaders(span).traceparent).toEndWith("-00");
  });

  test("of a later version is understood as far as it is known", () => {
    expect(begin(`cc-${traceId}-${parentId}-03-what-comes`)).toMatchObject({ traceId, isSampled: true });
  });

  test("begins anew where a client's is none", () => {
    for (const text of [
      "",
      "no",
      `ff-${traceId}-${parentId}-01`,
      `00-${"0".repeat(32)}-${parentId}-01`,
      `00-${traceId}-${"0".repeat(16)}-01`,
      `00-${traceId.toUpperCase()}-${parentId}-01`,
      `00-${traceId}-${parentId}`,
    ]) {
      const span = begin(text, "vendor=1");
      expect(span.parentId).toBeUndefined();
      expect(span.traceId).toMatch(/^(?!0+$)[\da-f]{32}$/);
      expect(span.traceId).not.toBe(traceId);
      expect(writeTraceHeaders(span)).not.toHaveProperty("tracestate");
    }
  });

  test("has a state that fits into a header, or none", () => {
    expect(begin(`00-${traceId}-${parentId}-01`, "x".repeat(513)).state).toBeUndefined();
  });
});
