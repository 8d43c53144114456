/** Reads a response in one JSON body, as the last event of a stream of which nothing else came. */
import { ProxyError } from "../../../errors.ts";
import { isObject } from "../../../lib/json.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { ReplyEvent } from "../../../reply.ts";
import type { WrittenRequest } from "../../protocol.ts";
import { readErrorFrame } from "../../refusal/read-error.ts";
import { readWholeResponse } from "./read-events.ts";

export function readResponse(
  response: unknown,
  body: string,
  plan: Plan,
  written: WrittenRequest,
): ReplyEvent[] {
  if (isObject(response)) return readWholeResponse(response, plan, written);
  const error =
    body.trim() === ""
      ? new ProxyError("unreachable", "The backend sent no response")
      : readErrorFrame(response ?? body, plan);
  return [{ type: "failure", error }];
}
