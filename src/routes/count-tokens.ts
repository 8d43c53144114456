/** `POST /v1/messages/count_tokens`: the input tokens of a request, without asking the backend. */
import { readCountTokensRequest } from "../anthropic/read-request.ts";
import { readBody } from "../guard.ts";
import { countTokens } from "../plan/tokens.ts";
import type { Visit } from "./services.ts";

/** @throws ProxyError when the body is too large or no request */
export async function answerCountTokens(visit: Pick<Visit, "request">): Promise<Response> {
  const request = readCountTokensRequest(await readBody(visit.request));
  return Response.json({ input_tokens: await countTokens(request) });
}
