/** What is kept about a message that has ended, from what was measured. */
import { statusOfKind } from "../anthropic/write-error.ts";
import { promptTokens } from "../reply.ts";
import { cutName, type MessageEntry, type MessageStart } from "./entry.ts";
import type { Measurement } from "./record.ts";

/** Changes that are kept of one message. */
const maxHealed = 10;

const none: readonly string[] = [];

/** @param place where it was answered, which may not be where it began */
export function writeEntry(
  start: MessageStart,
  place: Pick<MessageStart, "model" | "backend">,
  measurement: Measurement,
): MessageEntry {
  const { outcome, seconds, firstSeconds, usage, failure, costUsd, stopReason, retries, healed } =
    measurement;
  const kind = outcome === "failed" ? (failure ?? "internal") : undefined;
  return {
    id: start.id,
    startedAt: start.startedAt,
    client: start.client,
    session: start.session,
    class: start.class,
    asked: start.asked,
    model: place.model,
    backend: place.backend,
    stream: start.stream,
    status: outcome === "client left" ? 499 : kind === undefined ? 200 : statusOfKind(kind),
    error: kind,
    stopReason,
    tookMs: Math.round(seconds * 1000),
    firstTokenMs: firstSeconds === undefined ? undefined : Math.round(firstSeconds * 1000),
    inputTokens: usage ? promptTokens(usage) : 0,
    cachedTokens: usage?.cacheReadTokens ?? 0,
    cacheWriteTokens: usage?.cacheWriteTokens ?? 0,
    outputTokens: usage?.outputTokens ?? 0,
    reasoningTokens: usage?.reasoningTokens ?? 0,
    costUsd,
    retries,
    healed: healed.length === 0 ? none : healed.slice(0, maxHealed).map(cutName),
  };
}
