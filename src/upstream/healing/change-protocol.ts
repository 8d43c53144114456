/** Refusals that mean the protocol: the model, or the whole server, is asked in another way. */
import type { ConvertedProtocol } from "../../catalog/quirks.ts";
import type { Correction } from "../corrections.ts";
import { isWrongAddress } from "../refusal/read-address.ts";
import type { Refusal } from "./correct-field.ts";

/** How people name each protocol's endpoint. */
const names = {
  chat: String.raw`\/?(?:v1\/)?chat[\/_ ]completions?\b|\bchat api\b`,
  responses: String.raw`\/(?:v1\/)?responses\b|\bv1\/responses\b|\bresponses (?:api|endpoint)\b`,
} as const satisfies Readonly<Record<ConvertedProtocol, string>>;

const refused = String.raw`(?:not (?:\w+ ){0,3}(?:accessible|available|supported|allowed|served|work)|n't (?:\w+ )?(?:supported|available|work)|unsupported|not a chat model)\b(?: \S+){0,6}? (?:in|via|by|with|at|on|through|using)(?: the)?`;

/** "The Responses API is enabled only for api-version 2025-03-01-preview and later", a 400 of Azure. */
const restricted = String.raw`(?: \S+){0,2}? (?:is|are) (?:not|only|disabled|unavailable|(?:enabled|available|supported) only)\b`;

/** LM Studio: "Unexpected endpoint or method. (POST /v1/responses)", in a 200. */
const unknownEndpoint = /\b(?:unexpected|unknown|invalid|unsupported) (?:endpoint|path|route|url)\b/;

/**
 * "Please use /v1/responses instead", "This model is only supported in v1/responses", "model "gpt-5.4" is not accessible
 * via the /chat/completions endpoint" with the code `unsupported_api_for_model`; and a server that was asked at
 * `/responses` and has no such path.
 */
export function changeProtocol(refusal: Refusal): readonly Correction[] {
  const { words, fault, status, protocol, otherProtocols } = refusal;
  const [first] = otherProtocols;
  if (first === undefined || protocol === "anthropic") return [];
  const named = otherProtocols.find((name) => isRecommended(names[name], words));
  const isRefused =
    /\bunsupported_api_for_model\b/.test(words) ||
    new RegExp(`${refused} (?:${names[protocol]})`).test(words) ||
    new RegExp(`(?:${names[protocol]})${restricted}`).test(words) ||
    (protocol !== "chat" && (isWrongAddress(status, fault) || unknownEndpoint.test(words)));
  const to = named ?? (isRefused ? first : undefined);
  return to === undefined ? [] : [{ change: "move", path: protocol, to }];
}

function isRecommended(name: string, words: string): boolean {
  return new RegExp(
    `\\b(?:use|try|switch to|via|through|call|only (?:\\w+ ){0,3}(?:in|at|by|with|on)|moved to)\\b.{0,30}?(?:${name})|\\bin the responses api\\b`,
  ).test(words);
}
