/**
 * Room `upstream/filters/`: keeps promises to the client that backends break, by filtering the facts of a reply,
 * whatever the protocol. Not here: wire formats.
 */
import { findTool } from "../../plan/list-tools.ts";
import type { Plan } from "../../plan/plan.ts";
import type { CallableTool } from "../../plan/read-tool.ts";
import type { ReplyEvent } from "../../reply.ts";
import type { Reader, WrittenRequest } from "../protocol.ts";
import type { ToolName } from "../tools/choose-tool-names.ts";
import { createStopSequences, type ReplyFilter } from "./apply-stop-sequences.ts";
import { createFirstCall } from "./keep-first-call.ts";
import { createAnswerRecovery } from "./recover-answer.ts";
import { createTextCalls } from "./recover-text-calls.ts";
import { createJsonFences } from "./strip-json-fences.ts";

/** The stop sequences to enforce. Anthropic refuses blank ones, as do several backends. */
export function stopsOf({ request: { stop_sequences: stops } }: Plan): readonly string[] {
  return stops ? stops.filter((stop) => stop.trim() !== "") : noStops;
}

const noStops: readonly string[] = [];

type ClientToolName = WrittenRequest["clientToolName"];

/**
 * One filter for the whole reply; undefined if everything may pass.
 * @param clientToolName the client's name of a tool, given the backend's
 */
export function createReplyFilter(plan: Plan, clientToolName: ClientToolName): ReplyFilter | undefined {
  const stops = stopsOf(plan);
  const filters: ReplyFilter[] = [];
  if (plan.showReasoning === "nothing") filters.push(createAnswerRecovery());
  // Where JSON was asked for, an object is the answer.
  if (mayCall(plan) && !plan.format)
    filters.push(createTextCalls((name) => findOffered(plan, clientToolName(name))));
  if (stops.length > 0) filters.push(createStopSequences(stops));
  if (plan.format) filters.push(createJsonFences());
  if (plan.serialTools) filters.push(createFirstCall());
  if (filters.length <= 1) return filters[0];
  return {
    push: (events) => filters.reduce((out, one) => one.push(out), events),
    get isOver() {
      return filters.some((one) => one.isOver);
    },
  };
}

function mayCall({ toolUse: { functions, choice } }: Plan): boolean {
  return functions.length > 0 && choice?.type !== "none";
}

function findOffered({ toolUse }: Plan, { name, toolset }: ToolName): CallableTool | undefined {
  return findTool(toolUse.functions, name, toolset);
}

/** The reader, followed by the plan's filters. */
export function filterReader(reader: Reader, plan: Plan, clientToolName: ClientToolName): Reader {
  const filter = createReplyFilter(plan, clientToolName);
  if (!filter) return reader;
  return {
    push: (frame) => filter.push(reader.push(frame)),
    lift: (text, from) => reader.lift(text, from),
    take: () => filter.push(reader.take()),
    end: () => filter.push(reader.end()),
    get state() {
      return filter.isOver ? "done" : reader.state;
    },
  };
}

/** A whole reply, through the plan's filters. */
export function filterReply(events: ReplyEvent[], plan: Plan, clientToolName: ClientToolName): ReplyEvent[] {
  return createReplyFilter(plan, clientToolName)?.push(events) ?? events;
}
