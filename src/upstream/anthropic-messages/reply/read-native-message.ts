/**
 * A reply that came in one piece. It passes if the client asked for one. Otherwise it is read as facts: a client that
 * wants a stream gets one, and the proxy reads the answers to its own questions.
 */
import { findStrings } from "../../../lib/find-strings.ts";
import { asString, isObject, type JsonObject } from "../../../lib/json.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { ReplyEvent } from "../../../reply.ts";
import { readErrorFrame } from "../../refusal/read-error.ts";
import { readNativeUsage, readStop } from "./read-outcome.ts";

export function readNativeMessage(message: unknown, body: string, plan: Plan): ReplyEvent[] {
  if (!isObject(message) || !Array.isArray(message.content)) {
    return [{ type: "failure", error: readErrorFrame(message ?? body, plan) }];
  }
  const passes = plan.original && plan.request.stream !== true;
  return [
    ...(passes ? [pass(body, plan)] : message.content.filter(isObject).flatMap(readBlock)),
    ...(isObject(message.usage) ? [{ type: "usage" as const, usage: readNativeUsage(message.usage) }] : []),
    readStop(message),
  ];
}

/** The message with the name of the model that the client knows. */
function pass(body: string, { model, request }: Plan): ReplyEvent {
  let text = body;
  for (const { from, to } of model === request.model ? [] : findStrings(body, ["model"]).toReversed())
    text = text.slice(0, from) + JSON.stringify(request.model) + text.slice(to);
  return { type: "passed", bytes: new TextEncoder().encode(text) };
}

function readBlock(block: JsonObject, lane: number): ReplyEvent[] {
  switch (block.type) {
    case "text":
      return [{ type: "text-delta", text: asString(block.text) }];
    case "thinking":
      return [
        { type: "thinking-delta", text: asString(block.thinking) },
        ...(block.signature
          ? [{ type: "thinking-carrier" as const, carrier: asString(block.signature) }]
          : []),
      ];
    case "redacted_thinking":
      return [{ type: "thinking-carrier", carrier: asString(block.data) }];
    case "tool_use":
      return [
        { type: "tool-start", lane, id: asString(block.id), name: asString(block.name) },
        { type: "tool-delta", lane, json: JSON.stringify(block.input ?? {}) },
        { type: "tool-end", lane },
      ];
    default:
      return [];
  }
}
