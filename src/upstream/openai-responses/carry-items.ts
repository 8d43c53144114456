/**
 * Carries a backend's reasoning items through the client: out in a carrier, back in their original places. They are
 * encrypted for one model at one host; what comes from elsewhere is left out.
 */
import type { RequestBlock } from "../../anthropic/wire.ts";
import { asString, isObject, type JsonObject } from "../../lib/json.ts";
import type { Plan } from "../../plan/plan.ts";
import { digestItem } from "../reasoning/digest-item.ts";
import { nameOrigin, packCarrier, readCarrier } from "../reasoning/pack-carrier.ts";
import type { Phase, ReasoningItem } from "./wire.ts";

/** What a thinking block stands for. */
type CarriedItems = {
  readonly reasoning: readonly ReasoningItem[];
  /** Of the message that follows. */
  readonly phase: Phase | undefined;
  /** The reasoning came after what it led to. */
  readonly isLate: boolean;
};

const form = "items";

type Place = { readonly phase?: string | undefined; readonly isLate?: boolean };

/** The carrier of reasoning items, as the backend sent them, and of the phase of the message after them. */
export function packItems(
  items: readonly JsonObject[],
  { phase, isLate = false }: Place,
  plan: Plan,
): string | undefined {
  const kept = items.flatMap((item) => readItem(item) ?? []);
  const isPhase = phase !== undefined && readPhase(phase) !== undefined;
  if (kept.length === 0 && !isPhase) return undefined;
  const carried = [
    ...kept,
    ...(isPhase ? [{ type: "message", phase }] : []),
    ...(isLate ? [{ type: "late" }] : []),
  ];
  return packCarrier({ form, origin: nameOrigin(plan.model, plan.backend), items: carried });
}

/** What a block carries for this model; undefined if it carries nothing of its own. */
export function unpackItems(block: RequestBlock, plan: Plan): CarriedItems | undefined {
  const state = readCarrier(block);
  if (state?.form !== form || state.origin !== nameOrigin(plan.model, plan.backend)) return undefined;
  const { refusedItems } = plan.quirks.reasoning;
  const phases = state.items.map(({ phase }) => readPhase(phase));
  return {
    reasoning: state.items
      .flatMap((item) => readItem(item) ?? [])
      .filter((item) => !refusedItems.includes(digestItem(item))),
    phase: phases.find((phase) => phase !== undefined),
    isLate: state.items.some(({ type }) => type === "late"),
  };
}

function readPhase(phase: unknown): Phase | undefined {
  return phase === "commentary" || phase === "final_answer" ? phase : undefined;
}

/**
 * The item as it may be sent back. Without encrypted content or a text of its own it means nothing to a backend that
 * stores nothing.
 */
function readItem({ type, id, summary, content, encrypted_content }: JsonObject): ReasoningItem | undefined {
  const encrypted = asString(encrypted_content);
  const texts = readTexts(content, "reasoning_text");
  if (type !== "reasoning" || (encrypted === "" && texts.length === 0)) return undefined;
  return {
    type,
    id: asString(id),
    summary: readTexts(summary, "summary_text"),
    ...(texts.length > 0 && { content: texts }),
    ...(encrypted !== "" && { encrypted_content: encrypted }),
  };
}

function readTexts<Type extends string>(list: unknown, type: Type): { type: Type; text: string }[] {
  if (!Array.isArray(list)) return [];
  return list
    .filter(isObject)
    .flatMap((part) => (part.type === type ? [{ type, text: asString(part.text) }] : []));
}
