/** One span for each message, with the attributes of the conventions for generative AI. */
import type { MessageEntry } from "../entry.ts";
import type { TraceContext } from "./trace-context.ts";
import { type TelemetrySource, writeAttributes, writeSource, writeTime } from "./write-resource.ts";

export type TracedMessage = {
  readonly entry: MessageEntry;
  readonly trace: TraceContext;
  /** As in the metrics. */
  readonly provider: string;
};

/** In OTLP's numbers. */
const kindClient = 3;
const statusError = 2;

/** The body of a request to `/v1/traces`. */
export function writeSpans(messages: readonly TracedMessage[], source: TelemetrySource) {
  const { resource, scope } = writeSource(source);
  return { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: messages.map(writeSpan) }] }] };
}

function writeSpan({ entry, trace, provider }: TracedMessage) {
  const { error, stopReason, firstTokenMs } = entry;
  const [address = "", port] = /^(.*?)(?::(\d+))?$/.exec(entry.backend)?.slice(1) ?? [];
  return {
    traceId: trace.traceId,
    spanId: trace.spanId,
    ...(trace.parentId !== undefined && { parentSpanId: trace.parentId }),
    ...(trace.state !== undefined && { traceState: trace.state }),
    name: `chat ${entry.model}`,
    kind: kindClient,
    startTimeUnixNano: writeTime(entry.startedAt),
    endTimeUnixNano: writeTime(entry.startedAt + entry.tookMs),
    attributes: writeAttributes({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": provider,
      "gen_ai.request.model": entry.model,
      "gen_ai.conversation.id": entry.session,
      "gen_ai.response.finish_reasons": stopReason === undefined ? undefined : [stopReason],
      "gen_ai.usage.input_tokens": entry.inputTokens,
      "gen_ai.usage.cache_read.input_tokens": entry.cachedTokens,
      "gen_ai.usage.cache_creation.input_tokens": entry.cacheWriteTokens,
      "gen_ai.usage.output_tokens": entry.outputTokens,
      "server.address": address.replace(/^\[|\]$/g, ""),
      "server.port": port === undefined ? undefined : Number(port),
      "http.response.status_code": entry.status,
      "error.type": error,
      "claude_code_proxy.request.id": entry.id,
      "claude_code_proxy.request.asked_model": entry.asked,
      "claude_code_proxy.request.class": entry.class,
      "claude_code_proxy.client.name": entry.client,
      "claude_code_proxy.first_token_ms": firstTokenMs,
      "claude_code_proxy.cost_usd": entry.costUsd,
      "claude_code_proxy.retries": entry.retries,
      "claude_code_proxy.healed": entry.healed.length > 0 ? entry.healed : undefined,
    }),
    ...(error !== undefined && { status: { code: statusError, message: error } }),
  };
}
