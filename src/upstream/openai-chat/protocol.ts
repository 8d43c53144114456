/**
 * Room `upstream/openai-chat/`: the protocol of OpenAI's `/chat/completions`. Not here: anything another protocol
 * would need too, names of providers, I/O.
 *
 * OpenAI's `/chat/completions`, spoken by nearly every backend.
 */

import { createReplyFilter } from "../filters/choose-filters.ts";
import type { Protocol, Reader } from "../protocol.ts";
import { readError } from "../refusal/read-error.ts";
import { readRateLimits } from "../refusal/read-limits.ts";
import { correctQuirks } from "./healing/correct-quirks.ts";
import { findCorrection } from "./healing/find-correction.ts";
import { readMessage } from "./reply/read-message.ts";
import { createReader } from "./reply/read-stream.ts";
import { writeRequest } from "./request/write-request.ts";

export const openaiChat: Protocol = {
  writeRequest,
  createReader(plan, written): Reader {
    const reader = createReader(plan, written);
    const filter = createReplyFilter(plan);
    if (!filter) return reader;
    return {
      push: (frame) => filter.push(reader.push(frame)),
      end: () => filter.push(reader.end()),
      get state() {
        return filter.isOver ? "done" : reader.state;
      },
    };
  },
  readMessage(body, plan, written) {
    const events = readMessage(body, plan, written);
    return createReplyFilter(plan)?.push(events) ?? events;
  },
  readLimits: readRateLimits,
  readError,
  findCorrection,
  correctQuirks,
};
