/** Answers of `/responses`: the items of an answer, as one body or as the events of a stream, in OpenAI's types. */
import type OpenAI from "openai";
import { seal } from "./responses-rules.ts";

type Response = OpenAI.Responses.Response;
type StreamEvent = OpenAI.Responses.ResponseStreamEvent;
type OutputItem = OpenAI.Responses.ResponseOutputItem;
type Unnumbered<Event> = Event extends StreamEvent ? Omit<Event, "sequence_number"> : never;

/** An item in few words. */
export type FakeItem =
  | {
      readonly type: "reasoning";
      readonly id?: string;
      readonly summary?: readonly string[];
      readonly content?: string;
    }
  | {
      readonly type: "message";
      readonly text: string;
      readonly phase?: "commentary" | "final_answer";
      readonly cites?: readonly { readonly url: string; readonly title: string }[];
    }
  | { readonly type: "refusal"; readonly text: string }
  | { readonly type: "call"; readonly id: string; readonly name: string; readonly arguments: string }
  | { readonly type: "search"; readonly query: string; readonly sources?: readonly string[] };

export type FakeResponse = {
  readonly items: readonly FakeItem[];
  readonly model?: string;
  readonly incomplete?: "max_output_tokens" | "content_filter";
  readonly usage?: {
    readonly input: number;
    readonly cached?: number;
    readonly output: number;
    readonly reasoning?: number;
  };
  /** Length of the pieces of texts and arguments. */
  readonly pieces?: number;
  /** Whether the pieces of adjacent calls come in turns. */
  readonly mixed?: boolean;
};

export const reasoningItem = (id: string, ...summary: string[]) =>
  ({ type: "reasoning", id, summary }) as const;
export const messageItem = (text: string) => ({ type: "message", text }) as const;
export const callItem = (id: string, name: string, input: object) =>
  ({ type: "call", id, name, arguments: JSON.stringify(input) }) as const;

/** The answer as it is sent to a request with this body, which says for which model, and whether as a stream. */
export function encodeResponse(
  answer: FakeResponse,
  body: unknown,
): { readonly type: string; readonly text: string } {
  const asked = typeof body === "object" && body !== null ? body : {};
  const model = "model" in asked && typeof asked.model === "string" ? asked.model : "gpt-5.4";
  const whole = { model, ...answer };
  return "stream" in asked && asked.stream === true
    ? { type: "text/event-stream", text: encodeEvents(streamOf(whole)) }
    : { type: "application/json", text: JSON.stringify(responseOf(whole)) };
}

export function encodeEvents(events: readonly { readonly type: string }[]): string {
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}

/** The whole response, as its last event and as a body without a stream. */
export function responseOf(answer: FakeResponse): Response {
  const { items, model = "gpt-5.4", incomplete, usage = { input: 10, output: 5 } } = answer;
  return {
    ...emptyResponse(model),
    status: incomplete === undefined ? "completed" : "incomplete",
    incomplete_details: incomplete === undefined ? null : { reason: incomplete },
    output: items.map((item, at) => itemOf(item, at, model)),
    output_text: items.map((item) => (item.type === "message" ? item.text : "")).join(""),
    usage: {
      input_tokens: usage.input,
      input_tokens_details: { cached_tokens: usage.cached ?? 0, cache_write_tokens: 0 },
      output_tokens: usage.output,
      output_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
      total_tokens: usage.input + usage.output,
    },
  };
}

function emptyResponse(model: string): Response {
  return {
    id: "resp_1",
    object: "response",
    created_at: 1_790_000_000,
    status: "in_progress",
    access_programs: null,
    output_text: "",
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    model,
    output: [],
    parallel_tool_calls: true,
    temperature: null,
    tool_choice: "auto",
    tools: [],
    top_p: null,
  };
}

function itemOf(item: FakeItem, at: number, model: string): OutputItem {
  switch (item.type) {
    case "reasoning": {
      const id = item.id ?? `rs_${at}`;
      return {
        type: "reasoning",
        id,
        summary: (item.summary ?? []).map((text) => ({ type: "summary_text", text })),
        ...(item.content !== undefined && { content: [{ type: "reasoning_text", text: item.content }] }),
        encrypted_content: seal(id, model),
      };
    }
    case "message":
      return {
        type: "message",
        id: `msg_${at}`,
        role: "assistant",
        status: "completed",
        content: [
          {
            type: "output_text",
            text: item.text,
            annotations: (item.cites ?? []).map((page) => ({
              type: "url_citation",
              start_index: 0,
              end_index: item.text.length,
              ...page,
            })),
          },
        ],
        ...(item.phase && { phase: item.phase }),
      };
    case "refusal":
      return {
        type: "message",
        id: `msg_${at}`,
        role: "assistant",
        status: "completed",
        content: [{ type: "refusal", refusal: item.text }],
      };
    case "call":
      return {
        type: "function_call",
        id: `fc_${at}`,
        call_id: item.id,
        name: item.name,
        arguments: item.arguments,
        status: "completed",
      };
    case "search":
      return {
        type: "web_search_call",
        id: `ws_${at}`,
        status: "completed",
        action: {
          type: "search",
          query: item.query,
          sources: (item.sources ?? []).map((url) => ({ type: "url", url })),
        },
      };
    default:
      return item satisfies never;
  }
}

/** The events of a whole stream, in OpenAI's order. */
export function streamOf(answer: FakeResponse): StreamEvent[] {
  const whole = responseOf(answer);
  const { output, model } = whole;
  const begun = { ...emptyResponse(String(model)) };
  const events: Unnumbered<StreamEvent>[] = [
    { type: "response.created", response: begun },
    { type: "response.in_progress", response: begun },
  ];
  for (let at = 0; at < output.length; at += 1) {
    const calls = answer.mixed ? runOfCalls(output, at) : 1;
    if (calls > 1) {
      events.push(...mix(output.slice(at, at + calls).map((item, n) => eventsOf(item, at + n, answer))));
      at += calls - 1;
    } else {
      const item = output[at];
      if (item) events.push(...eventsOf(item, at, answer));
    }
  }
  events.push(
    answer.incomplete === undefined
      ? { type: "response.completed", response: whole }
      : { type: "response.incomplete", response: whole },
  );
  return events.map((event, sequence_number): StreamEvent => ({ ...event, sequence_number }));
}

function runOfCalls(output: readonly OutputItem[], from: number): number {
  const end = output.findIndex((item, at) => at >= from && item.type !== "function_call");
  return (end === -1 ? output.length : end) - from;
}

/** One event of each in turn. */
function mix<Event>(lists: readonly (readonly Event[])[]): Event[] {
  const longest = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: longest }).flatMap((_, at) => lists.flatMap((list) => list[at] ?? []));
}

function eventsOf(
  item: OutputItem,
  output_index: number,
  { pieces = 7 }: FakeResponse,
): Unnumbered<StreamEvent>[] {
  const item_id = item.id ?? "";
  const place = { item_id, output_index };
  const cut = (text: string) => text.match(new RegExp(`[\\s\\S]{1,${pieces}}`, "gu")) ?? [];
  const done: Unnumbered<StreamEvent> = { type: "response.output_item.done", output_index, item };
  const added = (bare: OutputItem): Unnumbered<StreamEvent> => ({
    type: "response.output_item.added",
    output_index,
    item: bare,
  });
  switch (item.type) {
    case "reasoning":
      return [
        // What is encrypted so far is not what will be.
        added({
          ...item,
          summary: [],
          encrypted_content: "gAAAAunfinished",
          ...(item.content && { content: [] }),
        }),
        ...item.summary.flatMap(({ text }, summary_index): Unnumbered<StreamEvent>[] => [
          {
            type: "response.reasoning_summary_part.added",
            ...place,
            summary_index,
            part: { type: "summary_text", text: "" },
          },
          ...cut(text).map((delta) => ({
            type: "response.reasoning_summary_text.delta" as const,
            ...place,
            summary_index,
            delta,
          })),
          { type: "response.reasoning_summary_text.done", ...place, summary_index, text },
          {
            type: "response.reasoning_summary_part.done",
            ...place,
            summary_index,
            part: { type: "summary_text", text },
          },
        ]),
        ...(item.content ?? []).flatMap(({ text }, content_index) =>
          cut(text).map((delta) => ({
            type: "response.reasoning_text.delta" as const,
            ...place,
            content_index,
            delta,
          })),
        ),
        done,
      ];
    case "message":
      return [
        added({ ...item, content: [], status: "in_progress" }),
        ...item.content.flatMap((part, content_index) => partEvents(part, { ...place, content_index }, cut)),
        done,
      ];
    case "function_call":
      return [
        added({ ...item, arguments: "", status: "in_progress" }),
        ...cut(item.arguments).map((delta) => ({
          type: "response.function_call_arguments.delta" as const,
          ...place,
          delta,
        })),
        {
          type: "response.function_call_arguments.done",
          ...place,
          arguments: item.arguments,
        },
        done,
      ];
    default:
      return [added(item), { type: "response.web_search_call.searching", ...place }, done];
  }
}

type MessagePart = OpenAI.Responses.ResponseOutputMessage["content"][number];

function partEvents(
  part: MessagePart,
  place: { readonly item_id: string; readonly output_index: number; readonly content_index: number },
  cut: (text: string) => readonly string[],
): Unnumbered<StreamEvent>[] {
  if (part.type === "refusal") {
    return [
      { type: "response.content_part.added", ...place, part: { type: "refusal", refusal: "" } },
      ...cut(part.refusal).map((delta) => ({ type: "response.refusal.delta" as const, ...place, delta })),
      { type: "response.refusal.done", ...place, refusal: part.refusal },
      { type: "response.content_part.done", ...place, part },
    ];
  }
  const empty = { type: "output_text" as const, text: "", annotations: [] };
  return [
    { type: "response.content_part.added", ...place, part: empty },
    ...cut(part.text).map((delta) => ({
      type: "response.output_text.delta" as const,
      ...place,
      delta,
      logprobs: [],
    })),
    ...part.annotations.map((annotation, annotation_index) => ({
      type: "response.output_text.annotation.added" as const,
      ...place,
      annotation_index,
      annotation,
    })),
    { type: "response.output_text.done", ...place, text: part.text, logprobs: [] },
    { type: "response.content_part.done", ...place, part },
  ];
}
