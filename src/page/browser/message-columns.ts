/** What the tables tell of a message. */
import type { PageState } from "../page-state.ts";
import { type Child, make, makeBar } from "./dom.ts";
import { formatCost, formatCount, formatDuration, formatShare, formatTokens, tokenRate } from "./format.ts";
import type { TableColumn } from "./make-table.ts";

export type EndedMessage = PageState["recent"][number];

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** The model that was asked for, and the one that answers. */
export function writeModel({
  asked,
  model,
  backend,
}: Pick<EndedMessage, "asked" | "model" | "backend">): Child {
  return make(
    "span",
    { class: "model" },
    make("span", {}, asked),
    make("span", { class: "muted" }, `→ ${model} @ ${backend}`),
  );
}

function writeStatus({ status, error }: EndedMessage): Child {
  const kind = status === 499 ? "left" : error === undefined ? "good" : "bad";
  const sign = { left: "⊘", good: "✓", bad: "✕" }[kind];
  const words = { left: "left", good: String(status), bad: `${status} ${error}` }[kind];
  return make(
    "span",
    { class: `status ${kind}` },
    make("span", { "aria-hidden": "true" }, sign),
    ` ${words}`,
  );
}

/** Prompt and answer, and how much of the prompt came from a cache. */
function writeTokens({ inputTokens, cachedTokens, outputTokens }: EndedMessage): Child {
  if (inputTokens + outputTokens === 0) return "–";
  const share = formatShare(cachedTokens, inputTokens);
  return make(
    "span",
    { class: "tokens" },
    make("span", {}, `${formatTokens(inputTokens)} → ${formatTokens(outputTokens)}`),
    make(
      "span",
      { class: "muted cached" },
      makeBar(inputTokens > 0 ? cachedTokens / inputTokens : 0),
      ` ${share} cached`,
    ),
  );
}

function writeSpeed(message: EndedMessage): string {
  const rate = tokenRate(message.outputTokens, message.tookMs, message.firstTokenMs);
  return rate === undefined ? "–" : `${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`;
}

function writeRepairs({ retries, healed }: EndedMessage): Child {
  const words = [
    ...(retries > 0 ? [retries === 1 ? "1 retry" : `${retries} retries`] : []),
    ...(healed.length > 0 ? [`${healed.length} healed`] : []),
  ];
  return words.length === 0
    ? ""
    : make("span", { class: "repairs", title: healed.join("; ") }, words.join(", "));
}

export const messageColumns: readonly TableColumn<EndedMessage>[] = [
  { name: "Ended", cell: ({ startedAt, tookMs }) => clock.format(startedAt + tookMs) },
  { name: "Model", cell: writeModel },
  { name: "Status", cell: writeStatus },
  { name: "Class", cell: (message) => message.class ?? "–" },
  { name: "Client", cell: ({ client }) => client ?? "–" },
  { name: "Tokens", isNumber: true, cell: writeTokens },
  { name: "First token", isNumber: true, cell: ({ firstTokenMs }) => formatDuration(firstTokenMs) },
  { name: "Speed", isNumber: true, cell: writeSpeed },
  { name: "Took", isNumber: true, cell: ({ tookMs }) => formatDuration(tookMs) },
  { name: "Cost", isNumber: true, cell: ({ costUsd }) => formatCost(costUsd) },
  { name: "Repairs", cell: writeRepairs },
];

/** What a row says when it is opened. */
export function describe(
  message: EndedMessage,
  adviceOf: (error: string) => string | undefined,
): readonly (readonly [string, string])[] {
  const { id, session, stopReason, stream, reasoningTokens, cacheWriteTokens, healed, error } = message;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["What to do", error === undefined ? undefined : adviceOf(error)],
    ["Id in the log", id],
    ["Session", session],
    ["Stop reason", stopReason],
    ["Answered as", stream ? "a stream" : "one message"],
    ["Reasoning", reasoningTokens > 0 ? `${formatCount(reasoningTokens)} tokens` : undefined],
    ["Written to a cache", cacheWriteTokens > 0 ? `${formatCount(cacheWriteTokens)} tokens` : undefined],
    ["Healed", healed.length > 0 ? healed.join("; ") : undefined],
  ];
  return facts.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]));
}
