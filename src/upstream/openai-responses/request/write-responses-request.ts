/**
 * Room `upstream/openai-responses/request/`: a plan, written as a body. Not here: decisions; the plan and the quirks say
 * what to write.
 *
 * Writes the plan as a body for `/responses`. Nothing is stored there: all state goes through the client.
 */
import type { Plan } from "../../../plan/plan.ts";
import { writeBody } from "../../content/write-body.ts";
import { applyCorrections, type Correction } from "../../corrections.ts";
import type { WrittenRequest } from "../../protocol.ts";
import { writeReasoning } from "../../reasoning/write-reasoning.ts";
import { findToolNames } from "../../tools/choose-tool-names.ts";
import { systemParts, writeFormat, writeIdentity, writeSampling, writeTier } from "../../write-options.ts";
import type { InputItem, InputPart, ResponsesRequest } from "../wire.ts";
import { addLastInstruction, writeInput, writeMessage } from "./write-input.ts";
import { writeResponsesTools } from "./write-responses-tools.ts";

/** OpenAI writes no more breakpoints for one request. */
const maxBreakpoints = 4;

/**
 * @param corrections of the body; the plan already contains what they say about its decisions
 * @throws ProxyError `invalid-request` for what the backend certainly does not accept
 */
export function writeResponsesRequest(plan: Plan, corrections: readonly Correction[] = []): WrittenRequest {
  const notes = new Set<string>();
  const note = (words: string) => void notes.add(words);
  const names = findToolNames(plan.tools);
  const { input, prefill } = writeInput(plan, names, note);
  plan.toolUse.notes.forEach(note);
  const tools = writeResponsesTools(plan, names, note);
  if (tools.instruction !== undefined) addLastInstruction(input, tools.instruction);
  const format = writeFormat(plan);
  if (plan.request.top_k != null) note("left out top_k");
  const body: ResponsesRequest = {
    model: plan.model,
    input: [...writeSystem(plan, [tools.manual, format.instruction]), ...input],
    stream: !plan.wholeAnswer,
    store: false,
    ...writeInclude(plan),
    max_output_tokens: Math.max(plan.quirks.request.minTokens, plan.maxTokens),
    ...writeSampling(plan, note),
    ...tools.fields,
    ...(format.fields && { text: { format: format.fields } }),
    ...writeReasoning(plan),
    ...writeIdentity(plan),
    ...writeTier(plan),
  };
  limitBreakpoints(body.input);
  const json = writeBody(applyCorrections(body, corrections));
  return { body: json, clientToolName: names.toClient, prefill, notes: [...notes] };
}

function writeSystem(plan: Plan, additions: readonly (string | undefined)[]): InputItem[] {
  const parts = systemParts(plan, additions);
  return parts.length === 0 ? [] : [writeMessage(plan.quirks.messages.systemRole, parts, plan)];
}

/** Models that cannot reason refuse it: "Encrypted content is not supported with this model", a 400. */
function writeInclude({ quirks, webSearch }: Plan): Pick<ResponsesRequest, "include"> {
  const include: NonNullable<ResponsesRequest["include"]> = [];
  if (Object.keys(quirks.reasoning.on).length > 0) include.push("reasoning.encrypted_content");
  if (webSearch?.form === "server-tool" && quirks.web.sources) include.push("web_search_call.action.sources");
  return include.length > 0 ? { include } : {};
}

/** Keeps the last marks, which cover the longest prefixes. */
function limitBreakpoints(input: readonly InputItem[]): void {
  const marked = input
    .flatMap(partsOf)
    .filter((part) => part.type === "input_text" && part.prompt_cache_breakpoint !== undefined);
  for (const part of marked.slice(0, -maxBreakpoints))
    if (part.type === "input_text") delete part.prompt_cache_breakpoint;
}

function partsOf(item: InputItem): InputPart[] {
  const content =
    item.type === "message" ? item.content : item.type === "function_call_output" ? item.output : "";
  return typeof content === "string" ? [] : content;
}
