/** OpenAI's `/chat/completions`, spoken by nearly every backend. */
import type { Dialect, Reader } from "../dialect.ts";
import { createReplyFilter } from "../reply-filters.ts";
import { findCorrection } from "./find-correction.ts";
import { readError } from "./read-error.ts";
import { readRateLimits } from "./read-limits.ts";
import { readMessage } from "./read-message.ts";
import { createReader } from "./read-stream.ts";
import { writeRequest } from "./write-request.ts";

export const openaiChat: Dialect = {
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
};
