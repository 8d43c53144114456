/**
 * `POST /v1/messages/count_tokens`: counts the input tokens of the request that would be sent to the backend, without
 * asking it, unless it counts the very same request itself.
 */
import { readBody } from "../anthropic/read-body.ts";
import { readCountTokensRequest } from "../anthropic/read-request.ts";
import type { CountTokensRequest } from "../anthropic/wire.ts";
import { readHints, sessionHeader } from "../catalog/claude-code/claude-code.ts";
import type { PromptCompressor } from "../journey/compress-prompt.ts";
import type { ImageDescriber } from "../journey/describe-images.ts";
import { preparePlan } from "../journey/prepare-plan.ts";
import { readCaller } from "../journey/read-caller.ts";
import type { RequestContext, Services } from "../journey/services.ts";
import { countAtBackend } from "../upstream/count-tokens.ts";

/** @throws ProxyError when the body is too large or not a valid request */
export async function answerCountTokens(
  context: Pick<RequestContext, "request" | "keyHeaders">,
  services: Pick<
    Services,
    "config" | "sites" | "routes" | "tokens" | "pdfs" | "healing" | "bodies" | "parts" | "pace" | "sender"
  > & {
    readonly compressor?: Pick<PromptCompressor, "foresee"> | undefined;
    readonly describer?: Pick<ImageDescriber, "foreseen"> | undefined;
  },
): Promise<Response> {
  // Losses are reported when the message itself is sent.
  const { compressor, describer } = services;
  const silent = {
    sessionId: context.request.headers.get(sessionHeader) ?? undefined,
    note: () => {},
    compressor: compressor && { compress: compressor.foresee },
    describer: describer?.foreseen,
  };
  const memory = services.bodies.open();
  try {
    const body = await readBody(context.request, memory, { withinMs: services.pace.bodyWithin });
    const request = readCountTokensRequest(body, services.parts);
    const hints = readHints(context.request.headers);
    const caller = readCaller(context.request.headers, context.keyHeaders);
    const prepare = (counted: CountTokensRequest) =>
      preparePlan({ ...counted, max_tokens: 1 }, { ...services, ...silent, hints, body, caller });
    const plan = await prepare(request);
    const counted = await countAtBackend(plan, services, context.request.signal);
    if (counted) return Response.json(counted);
    const input_tokens = await services.tokens.count(plan);
    if (!request.context_management?.edits?.length) return Response.json({ input_tokens });
    const unedited = await prepare({ ...request, context_management: undefined });
    const original_input_tokens = await services.tokens.count(unedited);
    return Response.json({ input_tokens, context_management: { original_input_tokens } });
  } finally {
    memory.close();
  }
}
