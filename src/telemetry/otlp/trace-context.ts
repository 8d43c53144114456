/**
 * Room `telemetry/otlp/`: what the proxy tells a collector of OpenTelemetry, as OTLP writes it in JSON. Not here: when it
 * is sent, and where to. Sources: opentelemetry-proto 1.5 with its JSON mapping; the conventions for generative AI.
 *
 * W3C Trace Context: a request may be part of a trace, which goes on at the backend.
 */

export type TraceContext = {
  /** 32 and 16 hexadecimal digits in lower case. */
  readonly traceId: string;
  readonly spanId: string;
  /** The span that the client has named. */
  readonly parentId: string | undefined;
  readonly isSampled: boolean;
  /** What other systems have added, passed on as it is. */
  readonly state: string | undefined;
};

/** A span of our own: in the client's trace, or in a new one. */
export function beginSpan(headers: Headers): TraceContext {
  const [, version, traceId, parentId, flags = "01"] =
    /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(?:-.*)?$/.exec(
      headers.get("traceparent")?.trim() ?? "",
    ) ?? [];
  const isValid =
    version !== undefined && version !== "ff" && !/^0+$/.test(traceId ?? "") && !/^0+$/.test(parentId ?? "");
  const spanId = randomHex(8);
  if (!isValid || traceId === undefined)
    return { traceId: randomHex(16), spanId, parentId: undefined, isSampled: true, state: undefined };
  const state = headers.get("tracestate") ?? undefined;
  return {
    traceId,
    spanId,
    parentId,
    isSampled: (Number.parseInt(flags, 16) & 1) === 1,
    state: cutState(state),
  };
}

/** The headers by which a backend goes on with the trace. */
export function writeTraceHeaders({
  traceId,
  spanId,
  isSampled,
  state,
}: TraceContext): Record<string, string> {
  return {
    traceparent: `00-${traceId}-${spanId}-${isSampled ? "01" : "00"}`,
    ...(state !== undefined && { tracestate: state }),
  };
}

/** Characters that everyone must pass on; what is longer, or no header, may be left out as a whole. */
const maxState = 512;

function cutState(state: string | undefined): string | undefined {
  return state !== undefined && state.length <= maxState && /^[\x20-\x7e]+$/.test(state) ? state : undefined;
}

/** Not only zeros, which would mean none. */
function randomHex(bytes: number): string {
  const hex = Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("hex");
  return /^0+$/.test(hex) ? randomHex(bytes) : hex;
}
