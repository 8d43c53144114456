/** The bodies for `/responses` that a client's messages become, checked against OpenAI's rules. */
import { expect } from "bun:test";
import { writeResponsesRequest } from "../../src/upstream/openai-responses/request/write-responses-request.ts";
import type { ResponsesRequest } from "../../src/upstream/openai-responses/wire.ts";
import type { WrittenRequest } from "../../src/upstream/protocol.ts";
import { type PlanChanges, planFor } from "./plans.ts";
import { ask } from "./proxy.ts";
import { findResponsesViolation } from "./responses-rules.ts";

export const openaiModel: PlanChanges = { backend: "openai", model: "gpt-5.4", protocol: "responses" };

export const responsesPlan = (body: object, changes: PlanChanges = openaiModel) =>
  planFor(ask({ model: "m", ...body }), { ...openaiModel, ...changes });

export const writtenResponses = (body: object, changes: PlanChanges = openaiModel): WrittenRequest =>
  writeResponsesRequest(responsesPlan(body, changes));

export function responsesFor(body: object, changes: PlanChanges = openaiModel): ResponsesRequest {
  const sent: ResponsesRequest = JSON.parse(String(writtenResponses(body, changes).body));
  expect(findResponsesViolation(sent)).toBeUndefined();
  return sent;
}

export const inputFor = (messages: readonly object[], changes: PlanChanges = openaiModel) =>
  responsesFor({ messages }, changes).input;
