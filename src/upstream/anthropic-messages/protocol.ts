/**
 * Room `upstream/anthropic-messages/`: backends that take Anthropic's own format. A request goes there as it came, and
 * a reply comes back as it came: its bytes pass, beside facts about them that the log, the metrics and the next turn
 * need. It is a protocol like the others, so that retries, routes and errors work alike. Not here: blocks of a reply,
 * names of providers, I/O.
 */
import { parseJson } from "../../lib/json.ts";
import type { PassingProtocol } from "../protocol.ts";
import { readError } from "../refusal/read-error.ts";
import { readRateLimits } from "../refusal/read-limits.ts";
import { createPassingReader } from "./reply/pass-events.ts";
import { readNativeMessage } from "./reply/read-native-message.ts";
import { writeNativeRequest } from "./request/write-native-request.ts";

export const anthropicMessages: PassingProtocol = {
  passes: true,
  writeRequest: writeNativeRequest,
  createReader: createPassingReader,
  readMessage: readNativeMessage,
  readLimits: readRateLimits,
  readError: (status, headers, body, plan) => readError(status, headers, parseJson(body) ?? body, plan),
};
