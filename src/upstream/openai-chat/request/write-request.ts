/**
 * Room `upstream/openai-chat/request/`: a plan, written as a body. Not here: decisions; the plan and the quirks say
 * what to write.
 *
 * Writes the plan as a body for `/chat/completions`.
 */
import { surveyMessages } from "../../../anthropic/survey-messages.ts";
import { writeJson } from "../../../lib/json.ts";
import type { Plan } from "../../../plan/plan.ts";
import { writeBody } from "../../content/write-body.ts";
import { applyCorrections, type Correction } from "../../corrections.ts";
import { stopsOf } from "../../filters/choose-filters.ts";
import type { WrittenRequest } from "../../protocol.ts";
import { writeReasoning } from "../../reasoning/write-reasoning.ts";
import { findToolNames } from "../../tools/choose-tool-names.ts";
import { writeTools } from "../../tools/write-tools.ts";
import {
  noFields,
  type WrittenFormat,
  writeFormat,
  writeIdentity,
  writeSampling,
  writeTier,
} from "../../write-options.ts";
import type { ChatRequest } from "../wire.ts";
import { addInstruction, markPrefill } from "./write-last-message.ts";
import { writeMarks } from "./write-marks.ts";
import { writeMessages } from "./write-messages.ts";
import { addWebTools } from "./write-search.ts";
import { writeSystem } from "./write-system.ts";

const noNotes: readonly string[] = [];

/**
 * @param corrections of the body; the plan already contains what they say about its decisions
 * @throws ProxyError `invalid-request` for what the backend certainly does not accept
 */
export function writeRequest(plan: Plan, corrections: readonly Correction[] = []): WrittenRequest {
  const { quirks, request } = plan;
  let notes: Set<string> | undefined;
  const note = (words: string): void => {
    notes ??= new Set();
    notes.add(words);
  };
  const names = findToolNames(plan.tools);
  const { messages, prefill } = writeMessages(plan, names, note);
  for (const words of plan.toolUse.notes) note(words);
  const { tools, search } = addWebTools(plan, writeTools(plan, names, note), note);
  if (tools.instruction !== undefined) addInstruction(messages, tools.instruction);
  const prefillFields = markPrefill(messages, quirks.messages.prefill);
  const format = writeFormat(plan);
  const system = writeSystem(plan, [tools.manual, format.instruction]);
  if (system) messages.unshift(system);
  const chat: ChatRequest = { model: plan.model, messages, stream: !plan.wholeAnswer };
  if (quirks.usage.inStream && !plan.wholeAnswer) chat.stream_options = { include_usage: true };
  chat[quirks.request.maxTokensField] = Math.max(quirks.request.minTokens, plan.maxTokens);
  // Most of these are empty, and assigning them copies nothing else.
  const asked = Object.assign(
    chat,
    writeSampling(plan, note),
    writeOtherSampling(plan, note),
    tools.fields,
    writeResponseFormat(format),
    writeReasoning(plan),
    writeIdentity(plan),
    writeTier(plan),
    writeFallbacks(plan),
    prefillFields,
    search,
  );
  const marks = quirks.caching.marks && writeMarks(asked, request.cache_control, quirks.caching);
  const corrected = applyCorrections(marks ? { ...asked, ...marks } : asked, corrections);
  const { images, files } = surveyMessages(request.messages);
  const body = plan.isLong || images || files ? writeBody(corrected) : writeJson(corrected);
  return { body, clientToolName: names.toClient, prefill, notes: notes ? [...notes] : noNotes };
}

type OtherSampling = Pick<ChatRequest, "top_k" | "stop">;

function writeOtherSampling(plan: Plan, note: (words: string) => void): OtherSampling {
  const { sampling } = plan.quirks;
  const { top_k } = plan.request;
  if (!sampling.topK && top_k != null) note("left out top_k");
  // The rest is enforced on the reply.
  const stops = stopsOf(plan);
  if (top_k == null && stops.length === 0) return noFields;
  const fields: OtherSampling = {};
  if (sampling.topK && top_k != null) fields.top_k = top_k;
  if (stops.length > 0 && sampling.maxStops > 0) fields.stop = stops.slice(0, sampling.maxStops);
  return fields;
}

/** A JSON schema in a member of its own. */
function writeResponseFormat({ fields }: WrittenFormat): Pick<ChatRequest, "response_format"> {
  if (!fields) return noFields;
  if (fields.type === "json_object") return { response_format: fields };
  const { type, ...json_schema } = fields;
  return { response_format: { type, json_schema } };
}

/** The models to try if this one is not available. */
function writeFallbacks({ model, fallbackModels }: Plan): Pick<ChatRequest, "models"> {
  return fallbackModels.length > 0 ? { models: [model, ...fallbackModels] } : noFields;
}
