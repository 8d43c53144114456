/**
 * Room `routes/`: one file for each endpoint: it reads the request, calls the journey, and answers. Not here:
 * conversion, or work that two endpoints share.
 *
 * Everything that happens to a message, in order.
 */
import { readBody } from "../anthropic/read-body.ts";
import { readMessagesRequest } from "../anthropic/read-request.ts";
import { readHints, sessionHeader } from "../catalog/claude-code/claude-code.ts";
import { toProxyError } from "../errors.ts";
import { deliverReply } from "../journey/deliver-reply.ts";
import { planItinerary } from "../journey/plan-itinerary.ts";
import { preparePlan } from "../journey/prepare-plan.ts";
import { readCaller } from "../journey/read-caller.ts";
import { refuseThread } from "../journey/refuse-thread.ts";
import type { RequestContext, Services } from "../journey/services.ts";
import { letOthersRun } from "../lib/let-others-run.ts";
import { releaseBytes } from "../lib/release-bytes.ts";
import { refuseOverflow } from "../plan/size/refuse-overflow.ts";
import { logRefusal } from "../telemetry/log-refusal.ts";
import { createNotes } from "../telemetry/notes.ts";
import { beginSpan } from "../telemetry/otlp/trace-context.ts";

/** Bytes. Each step of such a request may take so long that others get their turn between two of them. */
const largeBody = 1_000_000;

/** `POST /v1/messages`. Throws ProxyError for failures that can still be reported with a status. */
export async function answerMessages(context: RequestContext, services: Services): Promise<Response> {
  const memory = services.bodies.open();
  const notes = createNotes(services.log, context.requestId);
  const onEnd = () => {
    memory.close();
    notes.end();
  };
  let isPlanned = false;
  try {
    const body = await readBody(context.request, memory, { withinMs: services.pace.bodyWithin });
    const isLarge = body.bytes.length > largeBody;
    const request = readMessagesRequest(body, services.parts);
    const sessionId = context.request.headers.get(sessionHeader) ?? undefined;
    services.spending.check(context.clientName);
    services.refreshModels();
    services.noticeModel(request.model);
    const clientAgent = context.request.headers.get("user-agent") ?? undefined;
    const hints = readHints(context.request.headers);
    const itinerary = planItinerary(services.routes.choose(request.model, hints), sessionId, services.health);
    const journey = {
      ...services,
      given: request,
      itinerary,
      place: itinerary.first,
      trace: services.exporter && beginSpan(context.request.headers),
      // As long as the answer lasts, it may still be sent elsewhere.
      body: itinerary.isNative ? body : undefined,
      bodyBytes: body.bytes.length,
      caller: itinerary.isNative ? readCaller(context.request.headers, context.keyHeaders) : undefined,
      sessionId,
      clientName: context.clientName,
      clientAgent,
      hints,
      note: notes.add,
    };
    if (!itinerary.isNative) releaseBytes(body.bytes);
    if (isLarge) await letOthersRun();
    const plan = await preparePlan(request, journey);
    if (plan.protocol !== "anthropic") refuseThread(request, sessionId !== undefined);
    if (isLarge) await letOthersRun();
    const refusal = refuseOverflow(plan, services.tokens.measure);
    if (refusal) await refusal;
    isPlanned = true;
    return await deliverReply(plan, context, journey, onEnd);
  } catch (thrown) {
    // Later failures are in the reply's own record.
    if (!isPlanned) logRefusal(services.log, context, toProxyError(thrown));
    onEnd();
    if (!isPlanned) services.metrics.refuse(thrown);
    throw thrown;
  }
}
