/** Reads the reasoning in a delta, and what must be kept of it for the next turn. */
import type { Quirks } from "../../../catalog/quirks.ts";
import { asString, isObject, type JsonObject } from "../../../lib/json.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { ReplyEvent } from "../../../reply.ts";
import { addDetail } from "../../reasoning/merge-details.ts";
import { nameOrigin, packCarrier } from "../../reasoning/pack-carrier.ts";

export type ReasoningReader = {
  /** The text of reasoning in a delta, by the first matching field: some servers send the same text in two. */
  read(delta: JsonObject): string;
  /** The signature on a call (Gemini), to be emitted before the call. */
  readCall(call: JsonObject): ReplyEvent[];
  /** Notes the model that a chunk names: it may be one of the fallback models. */
  readModel(name: unknown): void;
  /** Whether there are any. */
  readonly readsModel: boolean;
  /** Notes reasoning that was emitted, wherever in the delta it was. */
  noteText(text: string): void;
  /** Something else begins, or the reply ends: the state of the reasoning so far. */
  close(): ReplyEvent[];
};

/** Ways to send reasoning back that use the text itself; items, if any, go before it. */
const wantsText: ReadonlySet<Quirks["reasoning"]["replay"]> = new Set([
  "reasoning_content",
  "reasoning",
  "reasoning_details",
  "thinking-part",
]);

export function createReasoningReader(plan: Plan): ReasoningReader {
  const { showReasoning, fallbackModels } = plan;
  const form = plan.quirks.reasoning.replay;
  const readsModel = fallbackModels.length > 0;
  let { model } = plan;
  let details: JsonObject[] = [];
  let hidden = "";
  let whole = "";

  function carry(kind: string, items: readonly JsonObject[]): ReplyEvent[] {
    if (items.length === 0) return [];
    const carrier = packCarrier({ form: kind, origin: nameOrigin(model, plan.backend), items });
    return carrier === undefined ? [] : [{ type: "thinking-carrier", carrier }];
  }

  /** MiniMax sends all reasoning so far in every chunk; only the rest is new. */
  function newText(text: string): string {
    const isCumulative = whole.length >= 8 && text.length > whole.length && text.startsWith(whole);
    const added = isCumulative ? text.slice(whole.length) : text;
    whole += added;
    return added;
  }

  return {
    read(delta) {
      const { reasoning, reasoning_content, reasoning_text, thinking } = delta;
      let text =
        readText(reasoning) || readText(reasoning_content) || readText(reasoning_text) || readText(thinking);
      if (Array.isArray(delta.reasoning_details)) {
        const fragments = delta.reasoning_details.filter(isObject);
        if (form === "reasoning_details") for (const fragment of fragments) addDetail(details, fragment);
        text ||= fragments.map((one) => asString(one.text) || asString(one.summary)).join("");
      }
      text ||= readOther(delta);
      return text === "" ? "" : newText(text);
    },
    readCall(call) {
      if (form !== "thought-signature") return [];
      const extra = isObject(call.extra_content) ? call.extra_content : {};
      const signature = isObject(extra.google) ? asString(extra.google.thought_signature) : "";
      return signature === "" ? [] : carry(form, [{ signature }]);
    },
    readModel(name) {
      if (readsModel && typeof name === "string") model = askedModel(name, plan);
    },
    readsModel,
    noteText(text) {
      // If the client will not show the text, the signature must carry it for the backend.
      if (showReasoning !== "text" && wantsText.has(form)) hidden += text;
    },
    close() {
      // As nearly always.
      if (details.length === 0 && hidden === "") return [];
      const items = details;
      const text = hidden;
      details = [];
      hidden = "";
      if (items.length > 0) return carry("reasoning_details", items);
      return carry("text", [{ text }]);
    },
  };
}

/** Names that other servers give it, such as LiteLLM's `thinking_blocks`; not those of signatures. */
const otherName = /^(?:reasoning|thinking|thoughts?)_?(?:content|text|blocks?|output|delta)?$/i;

function readOther(delta: JsonObject): string {
  for (const key of Object.keys(delta)) if (otherName.test(key)) return readText(delta[key]);
  return "";
}

/** Text in whatever way it was written: a string, an object that has it, or a list of those (Mistral). */
export function readText(value: unknown): string {
  if (typeof value === "string") return value;
  if (!value || typeof value !== "object") return "";
  if (Array.isArray(value)) return value.map(readText).join("");
  if (!isObject(value)) return "";
  const { text, thinking, reasoning, summary, content, refusal } = value;
  return (
    readText(text) ||
    readText(thinking) ||
    readText(reasoning) ||
    readText(summary) ||
    readText(content) ||
    readText(refusal)
  );
}

/** The requested model that matches the backend's name for it, to which it may add a date. */
function askedModel(name: string, plan: Pick<Plan, "model" | "fallbackModels">): string {
  const asked = [plan.model, ...plan.fallbackModels].filter((model) => name.startsWith(model));
  return asked.sort((a, b) => b.length - a.length)[0] ?? plan.model;
}
