/** Refusals of requests in Anthropic's own format that are not the client's fault. */
import { isObject, type JsonObject } from "../../lib/json.ts";
import type { Correction } from "../corrections.ts";
import { digestThinking } from "../reasoning/digest-item.ts";
import type { Refusal } from "./correct-field.ts";

/** Blocks that are remembered as refused. */
const maxBlocks = 1000;

/** "messages.1.content.0: Invalid `signature` in `thinking` block", where `data` is said of redacted thinking. */
const wording =
  /invalid `?(?:signature|data)`? in `?(?:redacted_)?thinking|thinking.{0,60}\bsignature|\bsignature.{0,60}\bthinking/;

/**
 * Thinking that another backend signed, of which a client may have kept some after a change of route: first the block
 * that is named, and if that was not all, every one.
 */
export function correctSignatures({ words, text, body, quirks }: Refusal): readonly Correction[] {
  if (!wording.test(words)) return [];
  const { refusedItems } = quirks.reasoning;
  const [, message, place] = /\bmessages\.(\d+)\.content\.(\d+)/.exec(text) ?? [];
  const named = message === undefined ? [] : [blocksOf(body)[Number(message)]?.[Number(place)]];
  const all = blocksOf(body).flat();
  return [named, all]
    .map((blocks) => blocks.filter(isThinking).map(digestThinking))
    .filter((digests) => digests.length > 0)
    .map((digests) => ({
      change: "adopt",
      path: "thinking of earlier turns",
      to: "nothing, where it was refused",
      quirks: { reasoning: { refusedItems: [...new Set([...refusedItems, ...digests])].slice(-maxBlocks) } },
    }));
}

function blocksOf({ messages }: JsonObject): unknown[][] {
  return Array.isArray(messages)
    ? messages.map((message) => (isObject(message) && Array.isArray(message.content) ? message.content : []))
    : [];
}

function isThinking(block: unknown): block is JsonObject {
  return isObject(block) && (block.type === "thinking" || block.type === "redacted_thinking");
}

const required: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "max_tokens",
  "stream",
  "tools",
  "system",
]);

/** "context_management: Extra inputs are not permitted", from a server that knows less than Anthropic's. */
export function dropUnknownField({ text, params, body, quirks }: Refusal): readonly Correction[] {
  if (quirks.native.isComplete) return [];
  if (!/extra inputs are not permitted|\bunknown (?:field|parameter|name)|\bunrecognized/.test(text))
    return [];
  const path = Object.keys(body).find(
    (name) =>
      !required.has(name) &&
      new RegExp(`(?<![\\w.])${RegExp.escape(name)}(?![\\w.])`).test(`${text} ${params}`),
  );
  return path === undefined ? [] : [{ change: "drop", path }];
}
