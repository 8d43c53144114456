/**
 * Room `upstream/filters/`: keeps promises to the client that backends break, by filtering the facts of a reply,
 * whatever the protocol. Not here: wire formats.
 */
import type { Plan } from "../../plan/plan.ts";
import type { ReplyEvent } from "../../reply.ts";
import type { Reader } from "../protocol.ts";
import { createStopSequences, type ReplyFilter } from "./apply-stop-sequences.ts";
import { createFirstCall } from "./keep-first-call.ts";
import { createJsonFences } from "./strip-json-fences.ts";

/** The stop sequences to enforce. Anthropic refuses blank ones, as do several backends. */
export function stopsOf({ request }: Plan): string[] {
  return (request.stop_sequences ?? []).filter((stop) => stop.trim() !== "");
}

/** One filter for the whole reply; undefined, as in most cases, if everything may pass. */
export function createReplyFilter(plan: Plan): ReplyFilter | undefined {
  const stops = stopsOf(plan);
  const filters: ReplyFilter[] = [];
  if (stops.length > 0) filters.push(createStopSequences(stops));
  if (plan.format) filters.push(createJsonFences());
  if (plan.serialTools) filters.push(createFirstCall());
  if (filters.length === 0) return undefined;
  return {
    push: (events) =>
      filters.reduce<ReturnType<ReplyFilter["push"]>>((out, one) => one.push(out), [...events]),
    get isOver() {
      return filters.some((one) => one.isOver);
    },
  };
}

/** The reader, followed by the plan's filters. */
export function filterReader(reader: Reader, plan: Plan): Reader {
  const filter = createReplyFilter(plan);
  if (!filter) return reader;
  return {
    push: (frame) => filter.push(reader.push(frame)),
    end: () => filter.push(reader.end()),
    get state() {
      return filter.isOver ? "done" : reader.state;
    },
  };
}

/** A whole reply, through the plan's filters. */
export function filterReply(events: ReplyEvent[], plan: Plan): ReplyEvent[] {
  return createReplyFilter(plan)?.push(events) ?? events;
}
