/**
 * Sends the reasoning of an earlier turn back as its backend wants it. State of another backend or model is left out;
 * its plain text may still be used.
 */
import type { RequestBlock, RequestToolUseBlock } from "../../../anthropic/wire.ts";
import type { JsonObject } from "../../../lib/json.ts";
import type { Plan } from "../../../plan/plan.ts";
import { mergeDetails } from "../../reasoning/merge-details.ts";
import { type CarriedState, nameOrigin, readCarrier } from "../../reasoning/pack-carrier.ts";
import type { ThinkingPart } from "../wire.ts";

type Replay = {
  /** Fields of the assistant message. */
  readonly fields: { reasoning?: string; reasoning_content?: string; reasoning_details?: unknown[] };
  /** Parts to put before the text. */
  readonly parts: readonly ThinkingPart[];
  /** The signature that came with a call, by the client's id of the call. */
  readonly signatures: ReadonlyMap<string, string>;
};

const noReplay: Replay = { fields: {}, parts: [], signatures: new Map() };

/**
 * Gemini accepts this word as the signature of a call that another model made. Source: Google's thought signature
 * guide.
 */
const noSignature = "skip_thought_signature_validator";

/** @param callId the backend's id of a call */
export function writeReplay(
  blocks: readonly RequestBlock[],
  plan: Plan,
  callId: (call: RequestToolUseBlock) => string,
): Replay {
  const { replay } = plan.quirks.reasoning;
  switch (replay) {
    case "none":
    case "items":
      return noReplay;
    case "thought-signature":
      return { ...noReplay, signatures: readSignatures(blocks, plan) };
    case "thinking-part": {
      const text = readText(blocks, plan);
      const part: ThinkingPart = { type: "thinking", thinking: [{ type: "text", text }], closed: true };
      return text === "" ? noReplay : { ...noReplay, parts: [part] };
    }
    case "reasoning_details": {
      const items = mergeDetails(linkedItems(blocks, plan, callId));
      if (items.length > 0) return { ...noReplay, fields: { reasoning_details: items } };
      const text = readText(blocks, plan);
      return text === "" ? noReplay : { ...noReplay, fields: { reasoning: text } };
    }
    case "reasoning_content":
    case "reasoning": {
      const text = readText(blocks, plan);
      if (text !== "") return { ...noReplay, fields: { [replay]: text } };
      return isRequired(blocks, plan)
        ? { ...noReplay, fields: { [replay]: plan.quirks.reasoning.fill } }
        : noReplay;
    }
    default:
      return replay satisfies never;
  }
}

function isRequired(blocks: readonly RequestBlock[], { quirks, reasoning }: Plan): boolean {
  const { required, off } = quirks.reasoning;
  const isOff = reasoning.on === false && Object.keys(off).length > 0;
  if (isOff || required === "never") return false;
  return required === "every-turn" || blocks.some((block) => block.type === "tool_use");
}

function readText(blocks: readonly RequestBlock[], plan: Plan): string {
  let all = "";
  for (const block of blocks) {
    if (block.type !== "thinking" && block.type !== "redacted_thinking") continue;
    const text = (block.type === "thinking" && block.thinking) || readCarried(block, plan);
    if (text !== "") all += all === "" ? text : `\n${text}`;
  }
  return all;
}

function readCarried(block: RequestBlock, plan: Plan): string {
  const state = carriedBy(block, plan);
  return state?.form === "text" ? state.items.map(textOf).join("") : "";
}

/** A signature comes right before its call. */
function readSignatures(blocks: readonly RequestBlock[], plan: Plan): Map<string, string> {
  const signatures = new Map<string, string>();
  let waiting: string | undefined;
  for (const block of blocks) {
    if (block.type === "tool_use") {
      const signature = waiting ?? (signatures.size === 0 ? noSignature : undefined);
      if (signature !== undefined) signatures.set(block.id, signature);
      waiting = undefined;
    } else {
      const [item] = carriedItems(block, plan);
      if (typeof item?.signature === "string") waiting = item.signature;
    }
  }
  return signatures;
}

/** The items in a block that come from this very backend and model. */
function carriedItems(block: RequestBlock, plan: Plan): JsonObject[] {
  const state = carriedBy(block, plan);
  return state?.form === plan.quirks.reasoning.replay ? [...state.items] : [];
}

function carriedBy(block: RequestBlock, { model, backend }: Plan): CarriedState | undefined {
  const state = readCarrier(block);
  if (!state || state.form === "text") return state;
  // Sessions may still have some from when a carrier named only the model.
  return state.origin === nameOrigin(model, backend) || state.origin === model ? state : undefined;
}

/**
 * The items of a turn. Gemini's name the call that they sign. If the call's id had to be changed for the client or the
 * backend, OpenRouter would not find the signature, so the id is updated here too.
 */
function linkedItems(
  blocks: readonly RequestBlock[],
  plan: Plan,
  callId: (call: RequestToolUseBlock) => string,
): JsonObject[] {
  const calls = blocks.filter((block) => block.type === "tool_use");
  const ids = new Set(calls.map(callId));
  let passed = 0;
  return blocks.flatMap((block) => {
    const call = calls[passed] ?? calls[0];
    if (block.type === "tool_use") passed += 1;
    return carriedItems(block, plan).map((item) => {
      const isUnknown =
        typeof item.id === "string" && !ids.has(item.id) && /^google/.test(String(item.format));
      return isUnknown && call ? { ...item, id: callId(call) } : item;
    });
  });
}

function textOf(item: JsonObject): string {
  return typeof item.text === "string" ? item.text : "";
}
