/**
 * Room `upstream/anthropic-messages/request/`: a client's request as a body for a backend of the same format. Not here:
 * OpenAI's formats.
 *
 * Writes a request as it came. Only the model's name is another one, unless the backend differs from Anthropic, or the
 * conversation holds what another backend has left in it.
 */
import { restoreInText } from "../../../anthropic/cut-attachments.ts";
import type { MessagesRequest } from "../../../anthropic/wire.ts";
import { ProxyError } from "../../../errors.ts";
import { findStrings } from "../../../lib/find-strings.ts";
import { isObject, type JsonObject, parseJson } from "../../../lib/json.ts";
import type { Plan } from "../../../plan/plan.ts";
import { applyCorrections, type Correction } from "../../corrections.ts";
import type { WrittenRequest } from "../../protocol.ts";
import { adaptRequest, needsAdapting } from "./adapt-request.ts";

/** @throws ProxyError `authentication` if the client's own key is needed and there is none */
export function writeNativeRequest(plan: Plan, corrections: readonly Correction[]): WrittenRequest {
  const { original, request } = plan;
  const notes = new Set<string>();
  const text = original ? new TextDecoder().decode(original.bytes) : JSON.stringify(writeOwn(request));
  const body =
    corrections.length === 0 && !needsAdapting(plan)
      ? replaceModel(text, plan.model)
      : JSON.stringify(adapt(text, plan, corrections, (words) => notes.add(words)));
  return {
    body: restoreInText(body, original?.attachments ?? []),
    headers: writeHeaders(plan),
    clientToolName: (name) => ({ name }),
    prefill: "",
    notes: [...notes],
  };
}

function replaceModel(text: string, model: string): string {
  const spans = findStrings(text, ["model"]);
  const name = JSON.stringify(model);
  return spans.reduceRight(
    (written, { from, to }) => written.slice(0, from) + name + written.slice(to),
    text,
  );
}

function adapt(
  text: string,
  plan: Plan,
  corrections: readonly Correction[],
  note: (words: string) => void,
): JsonObject {
  const body = parseJson(text);
  const adapted = adaptRequest(isObject(body) ? body : {}, plan, note);
  return applyCorrections({ ...adapted, model: plan.model }, corrections);
}

/** A request of the proxy's own, which has been read already. */
function writeOwn(request: MessagesRequest): object {
  const tools = request.tools?.map((tool) => (tool.type === "typed" ? tool.definition : tool));
  return tools ? { ...request, tools } : request;
}

function writeHeaders({ backend, caller }: Plan): Record<string, string> {
  if (!backend.takesCallersKey) return { ...caller?.headers };
  const credentials = caller?.credentials ?? {};
  if (Object.keys(credentials).length === 0) {
    throw new ProxyError(
      "authentication",
      `Cannot pass the request on to ${backend.name}: it takes the client's own login or key, and the request has none; log in, or send the key in a different header than the proxy's`,
    );
  }
  return { ...caller?.client, ...caller?.headers, ...credentials };
}
