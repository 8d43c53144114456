/**
 * Room `upstream/openai-responses/`: OpenAI's `/responses`, which some models need for their tools or their reasoning.
 * Not here: anything another protocol would need too, names of providers, I/O.
 */
import type { ConvertingProtocol } from "../protocol.ts";
import { readError } from "../refusal/read-error.ts";
import { readRateLimits } from "../refusal/read-limits.ts";
import { createEventReader } from "./reply/read-events.ts";
import { readResponse } from "./reply/read-response.ts";
import { writeResponsesRequest } from "./request/write-responses-request.ts";

export const openaiResponses: ConvertingProtocol = {
  writeRequest: writeResponsesRequest,
  createReader: createEventReader,
  readMessage: readResponse,
  readLimits: readRateLimits,
  readError,
};
