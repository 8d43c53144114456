/**
 * Which rare things a conversation holds, found in one walk. Each of them needs a step of its own, and most
 * conversations need none of these steps.
 */
import type { RequestBlock, RequestMessage, ResultBlock } from "./wire.ts";

type Survey = {
  /** Images, those in results and documents included. */
  images: boolean;
  /** Files as bytes, and pages that Anthropic's servers fetched. */
  files: boolean;
  /** Summaries that stand for everything before them. */
  summaries: boolean;
  /** System messages for a single turn. */
  brief: boolean;
  /** Tools that were added or removed. */
  toolChanges: boolean;
  /** Calls of the client's tools. */
  calls: boolean;
};

const known = new WeakMap<readonly RequestMessage[], Readonly<Survey>>();

/** Fewer messages are walked as fast as they are looked up. */
const minMessages = 8;

/** @param messages not changed afterwards */
export function surveyMessages(messages: readonly RequestMessage[]): Readonly<Survey> {
  const before = known.get(messages);
  if (before) return before;
  const survey = {
    images: false,
    files: false,
    summaries: false,
    brief: false,
    toolChanges: false,
    calls: false,
  };
  for (const { clear_at, content } of messages) {
    if (clear_at === "next_user_message") survey.brief = true;
    for (const block of content) addBlock(survey, block);
  }
  if (messages.length >= minMessages) known.set(messages, survey);
  return survey;
}

function addBlock(survey: Survey, block: RequestBlock | ResultBlock): void {
  switch (block.type) {
    case "image":
      survey.images = true;
      return;
    case "document":
      if (block.source.type === "base64") survey.files = true;
      if (block.source.type === "content") for (const part of block.source.content) addBlock(survey, part);
      return;
    case "web_fetch_tool_result":
      survey.files = true;
      return;
    case "tool_result":
      if (block.content) for (const part of block.content) addBlock(survey, part);
      return;
    case "tool_use":
      survey.calls = true;
      return;
    case "tool_addition":
    case "tool_removal":
      survey.toolChanges = true;
      return;
    case "compaction":
      survey.summaries = true;
      if (block.tool_changes) survey.toolChanges = true;
      return;
    default:
      return;
  }
}
