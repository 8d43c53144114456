/**
 * Reads a chat completion in one JSON body, as a stream of one chunk whose `message` is one large delta. That way the
 * two forms cannot disagree about anything.
 */
import { ProxyError, toProxyError } from "../../../errors.ts";
import { isObject, type JsonObject } from "../../../lib/json.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { ReplyEvent } from "../../../reply.ts";
import type { WrittenRequest } from "../../protocol.ts";
import { readErrorFrame } from "../../refusal/read-error.ts";
import { findChoices } from "./find-choices.ts";
import { findError } from "./find-error.ts";
import { beginCompletion, endCompletion, failCompletion, readChunk } from "./read-chunk.ts";

export function readMessage(
  completion: unknown,
  body: string,
  plan: Plan,
  written: WrittenRequest,
): ReplyEvent[] {
  const error = findError(completion);
  if (error !== undefined) return [{ type: "failure", error: readErrorFrame(error, plan) }];
  if (!isObject(completion) || findChoices(completion).length === 0) {
    const empty = new ProxyError("unreachable", "The backend sent no completion");
    return [
      { type: "failure", error: body.trim() === "" ? empty : readErrorFrame(completion ?? body, plan) },
    ];
  }
  return readWhole(completion, plan, written);
}

/** A message in one piece needs no finish reason to prove that it is complete. */
function readWhole(chunk: JsonObject, plan: Plan, written: WrittenRequest): ReplyEvent[] {
  const completion = beginCompletion(plan, written);
  try {
    readChunk(completion, chunk);
    completion.isDone = true;
    endCompletion(completion);
  } catch (thrown) {
    failCompletion(completion, toProxyError(thrown));
  }
  return completion.answer.facts;
}
