/**
 * Room `upstream/openai-chat/`: OpenAI's `/chat/completions`, the protocol of nearly every backend. Not here: anything
 * another protocol would need too, names of providers, I/O.
 */
import { parseJson } from "../../lib/json.ts";
import type { ConvertingProtocol } from "../protocol.ts";
import { readError } from "../refusal/read-error.ts";
import { readRateLimits } from "../refusal/read-limits.ts";
import { findError } from "./reply/find-error.ts";
import { readMessage } from "./reply/read-message.ts";
import { createReader } from "./reply/read-stream.ts";
import { writeRequest } from "./request/write-request.ts";

export const openaiChat: ConvertingProtocol = {
  writeRequest,
  createReader,
  readMessage,
  readLimits: readRateLimits,
  readError: (status, headers, body, plan) =>
    readError(status, headers, findError(parseJson(body)) ?? body, plan),
};
