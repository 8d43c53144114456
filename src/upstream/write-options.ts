/** What protocols say in the same words: system prompt, sampling, identity, service tier, the form of the answer. */
import type { MessagesRequest } from "../anthropic/wire.ts";
import { isBillingHeader } from "../catalog/claude-code/claude-code.ts";
import type { Plan } from "../plan/plan.ts";
import type { TextPart } from "./content/parts.ts";
import { adaptSchema, isStrictSchema } from "./tools/adapt-schema.ts";

/** Shared by all options that are not set, as most are not. */
export const noFields = Object.freeze({});

/** @param additions what else the model has to be told there */
export function systemParts(
  { request, quirks }: Plan,
  additions: readonly (string | undefined)[],
): TextPart[] {
  const parts: TextPart[] = [];
  for (const { text, cache_control } of request.system ?? []) {
    // Claude Code's first block would prevent backends from caching.
    if (text.trim() === "" || isBillingHeader(text)) continue;
    parts.push({ type: "text", text, ...(cache_control && quirks.caching.marks && { cache_control }) });
  }
  for (const text of additions) if (text !== undefined) parts.push({ type: "text", text });
  return parts;
}

type SamplingFields = { temperature?: number; top_p?: number };

export function writeSampling(
  { request, quirks: { sampling } }: Plan,
  note: (words: string) => void,
): SamplingFields {
  const { temperature, top_p } = request;
  if (temperature == null && top_p == null) return noFields;
  if (!sampling.allowed) {
    note("left out temperature and top_p");
    return noFields;
  }
  const fields: SamplingFields = {};
  if (temperature != null) fields.temperature = clamp(temperature, sampling.temperatureRange);
  if (top_p != null) fields.top_p = clamp(top_p, sampling.topPRange);
  return fields;
}

function clamp(value: number, [from, to]: readonly [number, number]): number {
  return Math.min(to, Math.max(from, value));
}

export type WrittenFormat = {
  readonly fields?:
    | { readonly type: "json_object" }
    | { type: "json_schema"; name: string; schema: Record<string, unknown>; strict?: boolean };
  readonly instruction?: string;
};

/** A JSON schema for the answer: enforced by the backend, or else put into words for the model. */
export function writeFormat({ format, quirks }: Plan): WrittenFormat {
  if (!format) return noFields;
  const { form } = format;
  const schema = adaptSchema(format.schema, quirks.tools);
  if (form !== "json_schema") {
    const instruction = `Answer with a JSON object and nothing else. It must match this JSON schema:\n${JSON.stringify(schema)}`;
    return { ...(form !== "none" && { fields: { type: form } }), instruction };
  }
  return {
    fields: {
      type: "json_schema",
      name: "response",
      schema,
      ...(isStrictSchema(schema) && { strict: true }),
    },
  };
}

/** Faster for more money, or the usual price. */
export function writeTier({ request, quirks }: Plan): { service_tier?: "default" | "priority" } {
  const tier =
    request.speed === "fast" ? "priority" : request.service_tier === "standard_only" ? "default" : undefined;
  return quirks.request.serviceTier && tier ? { service_tier: tier } : noFields;
}

type Identity = {
  user?: string;
  safety_identifier?: string;
  prompt_cache_key?: string;
  session_id?: string;
};

/** A hash that identifies the user: the client's id names devices and accounts, which should not leave. */
export function writeIdentity({ request, quirks, sessionId }: Plan): Identity {
  const { userId } = quirks.request;
  const { keyField } = quirks.caching;
  if (userId === "none" && keyField === "none") return noFields;
  const identity: Identity = {};
  const user = userId === "none" ? undefined : userHash(request);
  if (userId !== "none" && user !== undefined) identity[userId] = user;
  if (keyField !== "none" && sessionId !== undefined) identity[keyField] = sessionId.slice(0, 64);
  return identity;
}

function userHash({ metadata }: MessagesRequest): string | undefined {
  if (!metadata?.user_id) return undefined;
  return Bun.CryptoHasher.hash("sha256", metadata.user_id, "hex");
}
