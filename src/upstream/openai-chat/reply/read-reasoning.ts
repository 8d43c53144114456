/** Reads the reasoning in a delta, and what must be kept of it for the next turn. */
import type { Quirks } from "../../../catalog/quirks.ts";
import { GrowingText } from "../../../lib/copy-text.ts";
import { asString, isObject, type JsonObject } from "../../../lib/json.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { ReplyEvent } from "../../../reply.ts";
import { addDetail } from "../../reasoning/merge-details.ts";
import { nameOrigin, packCarrier } from "../../reasoning/pack-carrier.ts";

/** Ways to send reasoning back that use the text itself; items, if any, go before it. */
const wantsText: ReadonlySet<Quirks["reasoning"]["replay"]> = new Set([
  "reasoning_content",
  "reasoning",
  "reasoning_details",
  "thinking-part",
]);

const nothing: readonly ReplyEvent[] = [];

export class ReasoningReader {
  /** Whether the models that chunks name are noted: they may be fallback models. */
  readonly readsModel: boolean;
  readonly #plan: Plan;
  #model: string;
  #details: JsonObject[] = [];
  #hidden = new GrowingText();
  readonly #whole = new GrowingText();

  constructor(plan: Plan) {
    this.readsModel = plan.fallbackModels.length > 0;
    this.#plan = plan;
    this.#model = plan.model;
  }

  /** The text of reasoning in a delta, by the first matching field: some servers send the same text in two. */
  read(delta: JsonObject): string {
    const { reasoning, reasoning_content, reasoning_text, thinking, reasoning_details } = delta;
    let text =
      readText(reasoning) || readText(reasoning_content) || readText(reasoning_text) || readText(thinking);
    if (Array.isArray(reasoning_details)) {
      const fragments = reasoning_details.filter(isObject);
      if (this.#form === "reasoning_details")
        for (const fragment of fragments) addDetail(this.#details, fragment);
      text ||= fragments.map((one) => asString(one.text) || asString(one.summary)).join("");
    }
    text ||= readOther(delta);
    return text === "" ? "" : this.#newText(text);
  }

  /** Whether one of several deltas, given as they are written, may begin with all that came before it. */
  mayRepeat(written: readonly string[]): boolean {
    for (const one of written) if (one.length > this.#whole.length) return true;
    return false;
  }

  /** Adds new text, which is emitted as it is. */
  extend(text: string): void {
    this.#whole.add(text);
    this.noteText(text);
  }

  /** The signature on a call (Gemini), to be emitted before the call. */
  readCall(call: JsonObject): readonly ReplyEvent[] {
    if (this.#form !== "thought-signature") return nothing;
    const extra = isObject(call.extra_content) ? call.extra_content : {};
    const signature = isObject(extra.google) ? asString(extra.google.thought_signature) : "";
    return signature === "" ? [] : this.#carry(this.#form, [{ signature }]);
  }

  /** Notes the model that a chunk names. */
  readModel(name: unknown): void {
    if (this.readsModel && typeof name === "string") this.#model = askedModel(name, this.#plan);
  }

  /** Notes reasoning that was emitted, wherever in the delta it was. */
  noteText(text: string): void {
    // If the client will not show the text, the signature must carry it for the backend.
    if (this.#plan.showReasoning !== "text" && wantsText.has(this.#form)) this.#hidden.add(text);
  }

  /** Something else begins, or the reply ends: the state of the reasoning so far. */
  close(): readonly ReplyEvent[] {
    // The usual case.
    if (this.#details.length === 0 && this.#hidden.length === 0) return nothing;
    const items = this.#details;
    const { text } = this.#hidden;
    this.#details = [];
    this.#hidden = new GrowingText();
    if (items.length > 0) return this.#carry("reasoning_details", items);
    return this.#carry("text", [{ text }]);
  }

  get #form(): Quirks["reasoning"]["replay"] {
    return this.#plan.quirks.reasoning.replay;
  }

  #carry(kind: string, items: readonly JsonObject[]): ReplyEvent[] {
    if (items.length === 0) return [];
    const origin = nameOrigin(this.#model, this.#plan.backend);
    const carrier = packCarrier({ form: kind, origin, items });
    return carrier === undefined ? [] : [{ type: "thinking-carrier", carrier }];
  }

  /** MiniMax sends all reasoning so far in every chunk; only the rest is new. */
  #newText(text: string): string {
    const { length } = this.#whole;
    const isCumulative = length >= 8 && text.length > length && text.startsWith(this.#whole.text);
    const added = isCumulative ? text.slice(length) : text;
    this.#whole.add(added);
    return added;
  }
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
