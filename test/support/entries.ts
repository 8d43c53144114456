/** Messages that have ended, for the tests of what is kept about them. */
import type { MessageEntry } from "../../src/telemetry/entry.ts";

export function entry(changes: Partial<MessageEntry> = {}): MessageEntry {
  return {
    id: "req_1",
    startedAt: Date.UTC(2026, 10, 28, 12),
    asked: "claude-opus-5-5",
    model: "big-model",
    backend: "host:1",
    stream: true,
    status: 200,
    tookMs: 2000,
    firstTokenMs: 300,
    inputTokens: 1000,
    cachedTokens: 400,
    cacheWriteTokens: 0,
    outputTokens: 50,
    reasoningTokens: 0,
    costUsd: 0.01,
    retries: 0,
    healed: [],
    ...changes,
  };
}
