/**
 * Room `routes/`: one file for each endpoint: it reads the request, calls the journey, and answers. Not here:
 * conversion, or work that two endpoints share.
 *
 * Everything that happens to a message, in order.
 */
import { readBody } from "../anthropic/read-body.ts";
import { readMessagesRequest } from "../anthropic/read-request.ts";
import type { MessagesRequest } from "../anthropic/wire.ts";
import { createMessageFold } from "../anthropic/write-message.ts";
import { createWriter, type StreamWriter } from "../anthropic/write-stream.ts";
import { sessionHeader } from "../catalog/claude-code/claude-code.ts";
import { learnTokens } from "../journey/learn-tokens.ts";
import { preparePlan, readPdfs } from "../journey/prepare-plan.ts";
import { refuseSearch } from "../journey/refuse-search.ts";
import type { Services, Visit } from "../journey/services.ts";
import { streamReply } from "../journey/stream-reply.ts";
import { makePlan, type Plan } from "../plan/plan.ts";
import { refuseOverflow } from "../plan/size/context-window.ts";
import { findTool } from "../plan/tools.ts";
import { noUsage } from "../reply.ts";
import { createMessageRecord, type MessageRecord, type Outcome } from "../telemetry/record.ts";
import { type Reply, readReply } from "../upstream/read-reply.ts";
import { emptySignature } from "../upstream/reasoning/pack-carrier.ts";

/** `POST /v1/messages`. Throws ProxyError for failures that can still be reported with a status. */
export async function answerMessages(visit: Visit, services: Services): Promise<Response> {
  const request = readMessagesRequest(await readBody(visit.request));
  services.refreshModels();
  const context = {
    ...services,
    sessionId: visit.request.headers.get(sessionHeader) ?? undefined,
  };
  const note = (words: string) => services.log.warning(words, { id: visit.requestId });
  const preparation = { ...services, context, note };
  const plan = await preparePlan(makePlan(request, context), preparation);
  await refuseOverflow(plan, () => services.tokens.measure(plan));
  const writer = createWriter({
    model: request.model,
    requestId: visit.requestId,
    inputTokens: plan.promptTokens,
    takenToolIds: toolUseIds(request),
    toolSchema: (name, toolset) => findTool(plan.tools, name, toolset)?.schema,
    hideThinking: plan.hideReasoning,
    emptySignature,
  });
  const record = createMessageRecord(services.log, {
    id: visit.requestId,
    asked: request.model,
    model: plan.model,
    stream: request.stream === true,
  });

  let sent = plan;
  // One controller stops the backend's work, whichever way the client's disconnect is noticed first.
  const call = abortWith(visit.request.signal);
  const endWait = visit.keepOpen();
  const end = (outcome: Outcome) => {
    record.end(outcome);
    if (outcome === "answered") learnTokens(sent, record.usage(), services, visit.requestId);
    endWait();
  };

  const upstream = {
    ...services,
    async readPdfs(refused: Plan) {
      const readable = await readPdfs(refused, preparation);
      sent = readable ?? sent;
      return readable;
    },
  };
  const reply =
    request.max_tokens === 0
      ? warmUp()
      : (refuseSearch(plan, note) ?? readReply(plan, upstream, call.signal, note));
  try {
    if (request.stream !== true) {
      const message = await gatherReply(reply, writer, record);
      end("answered");
      return message;
    }
    return await streamReply({
      reply,
      writer,
      record,
      pace: services.pace,
      onEnd(how) {
        // A complete answer releases its connection by itself.
        if (how !== "answered") call.abort();
        end(how);
      },
    });
  } catch (thrown) {
    call.abort();
    end(visit.request.signal.aborted ? "client left" : "failed");
    throw thrown;
  }
}

/** A controller that aborts with the signal, also if that has already happened. */
function abortWith(signal: AbortSignal): AbortController {
  const controller = new AbortController();
  signal.addEventListener("abort", () => controller.abort(), { once: true });
  if (signal.aborted) controller.abort();
  return controller;
}

/** The answer as one JSON message. The backend streams it all the same, so that a disconnect is noticed. */
async function gatherReply(reply: Reply, writer: StreamWriter, record: MessageRecord): Promise<Response> {
  const fold = createMessageFold();
  let headers = {};
  writer.start().forEach(fold.add);
  for await (const facts of reply) {
    record.see(facts);
    for (const fact of facts) {
      if (fact.type === "failure") throw fact.error;
      if (fact.type === "limits") headers = fact.headers;
      writer.push(fact).forEach(fold.add);
    }
  }
  writer.end().forEach(fold.add);
  return Response.json(fold.result(), { headers });
}

/** `max_tokens: 0` asks only to warm a cache. A backend would refuse it, or generate a word. */
async function* warmUp(): Reply {
  yield [
    { type: "usage", usage: noUsage },
    { type: "finish", reason: "max-tokens" },
  ];
}

function toolUseIds(request: MessagesRequest): Set<string> {
  const ids = new Set<string>();
  for (const message of request.messages) {
    for (const block of message.content) if (block.type === "tool_use") ids.add(block.id);
  }
  return ids;
}
