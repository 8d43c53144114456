/**
 * `POST /v1/messages/count_tokens`: the input tokens of the request that would be sent for this one. The backend is
 * not asked, except for a summary of the system prompt that the message would need as well.
 */
import { readCountTokensRequest } from "../anthropic/read-request.ts";
import { readBody } from "../guard.ts";
import { makePlan } from "../plan/plan.ts";
import { preparePlan } from "./prepare-plan.ts";
import type { Services, Visit } from "./services.ts";

/** @throws ProxyError when the body is too large or no request */
export async function answerCountTokens(
  visit: Pick<Visit, "request">,
  services: Pick<Services, "config" | "backend" | "catalogue" | "tokens" | "pdfs" | "compressor" | "healing">,
): Promise<Response> {
  const request = readCountTokensRequest(await readBody(visit.request));
  const context = { ...services, sessionId: undefined };
  // What is lost on the way is told when the message itself is sent.
  const preparation = { ...services, context, note: () => {} };
  const plan = await preparePlan(makePlan({ ...request, max_tokens: 1 }, context), preparation);
  return Response.json({ input_tokens: await services.tokens.count(plan) });
}
