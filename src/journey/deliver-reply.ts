/** Opens the reply, delivers it as a stream or as one message, and finishes up when it is over. */
import { EventText } from "../anthropic/encode-event.ts";
import type { EventSink } from "../anthropic/send-blocks.ts";
import type { MessagesRequest } from "../anthropic/wire.ts";
import { MessageFold } from "../anthropic/write-message.ts";
import { StreamWriter, type WriterOptions } from "../anthropic/write-stream.ts";
import { type ProxyError, toProxyError } from "../errors.ts";
import { findTool } from "../plan/list-tools.ts";
import type { Outcome } from "../telemetry/record.ts";
import { emptySignature } from "../upstream/reasoning/pack-carrier.ts";
import { followRoute, type RouteOptions } from "./follow-route.ts";
import { gatherReply } from "./gather-reply.ts";
import { learnTokens } from "./learn-tokens.ts";
import type { Preparation, PreparedPlan } from "./prepare-plan.ts";
import { recordMessage } from "./record-message.ts";
import type { RequestContext, Services } from "./services.ts";
import { streamReply } from "./stream-reply.ts";
import { watchClient } from "./watch-client.ts";

type Delivery = Services & Preparation & Pick<RouteOptions, "given" | "itinerary">;

/**
 * @param onOver called when the answer has ended, however it did
 * @throws ProxyError for failures that can still be reported with a status
 */
export async function deliverReply(
  plan: PreparedPlan,
  context: RequestContext,
  services: Delivery,
  onOver: () => void,
): Promise<Response> {
  const { reply, record, endWatch, onEnd } = begin(plan, context, services, onOver);
  try {
    if (plan.request.stream === true) {
      const stallMs = plan.backend.silenceMs;
      const { pace, itinerary } = services;
      const mayPass = itinerary.isNative;
      const events = new EventText();
      const writer = createWriter(plan, context, services, events);
      const body = { reply, writer, events, record, pace, mayPass, stallMs, onEnd };
      const response = await streamReply(body);
      // From now on, a client that leaves cancels the stream.
      endWatch();
      return response;
    }
    const fold = new MessageFold();
    const writer = createWriter(plan, context, services, fold);
    const message = await gatherReply(await reply, writer, fold, record);
    onEnd("answered");
    return message;
  } catch (thrown) {
    onEnd(context.request.signal.aborted ? "client left" : "failed", toProxyError(thrown));
    throw thrown;
  }
}

/*
 * What lives as long as the answer must not keep the request alive. A closure made in an async function keeps all
 * parameters of that function, so the next two are not async.
 */

function createWriter(
  { request, tools, size, appliedEdits, showReasoning }: PreparedPlan,
  { requestId }: RequestContext,
  { note }: Delivery,
  sink: EventSink,
): StreamWriter {
  const toolIds = listToolIds(request);
  const options: WriterOptions = {
    model: request.model,
    requestId,
    promptSize: size,
    appliedEdits,
    isTaken: (toolId) => toolIds.includes(toolId),
    note,
    toolSchema: (name, toolset) => findTool([...tools.offered, ...tools.withheld], name, toolset)?.schema,
    thinking: showReasoning,
    emptySignature,
  };
  return new StreamWriter(options, sink);
}

/** Begins the reply and the record of it; `onEnd` ends both. */
function begin(plan: PreparedPlan, context: RequestContext, services: Delivery, onOver: () => void) {
  const { tokens, log } = services;
  const { record, move } = recordMessage(plan, context, services);
  // One controller stops the backend's work, whichever way the client's disconnect is noticed first.
  const { call } = context;
  const endWatch = watchClient(context.request, call);
  let giveBackSlot: (() => void) | undefined;
  const reply = followRoute(plan, {
    ...services,
    signal: call.signal,
    again: record.again,
    onMove: move,
    onSlot: (giveBack) => {
      giveBackSlot = giveBack;
    },
  });
  const endWait = context.keepOpen();
  const learn = async () => {
    const { plan } = await reply;
    const usage = record.usage();
    if (plan && usage) await learnTokens(plan, usage, { tokens, log }, context.requestId);
    // What it warns of must be logged before the process ends.
    endWait();
  };
  const onEnd = (outcome: Outcome, error?: ProxyError) => {
    // A complete answer releases its connection by itself.
    if (outcome !== "answered") call.abort();
    endWatch();
    giveBackSlot?.();
    record.end(outcome, error);
    if (outcome === "answered") void learn();
    else endWait();
    onOver();
  };
  return { reply, record, endWatch, onEnd };
}

/** The ids of the tool uses in a conversation. */
function listToolIds({ messages }: MessagesRequest): readonly string[] {
  const ids: string[] = [];
  for (const { content } of messages)
    for (const block of content) if (block.type === "tool_use") ids.push(block.id);
  return ids;
}
