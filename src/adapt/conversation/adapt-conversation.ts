/**
 * Room `adapt/conversation/`: takes out of a conversation what its client wants no model to read any more. Not here:
 * asking a model for a summary (`journey/`), and the system prompt.
 *
 * Pure functions of the request, so that every turn begins with exactly the messages of the turn before it, unless
 * something new is taken out.
 */
import { surveyMessages } from "../../anthropic/survey-messages.ts";
import type { MessagesRequest, RequestMessage } from "../../anthropic/wire.ts";
import type { AppliedEdit } from "../../anthropic/wire-reply.ts";
import { clearThinking } from "./clear-thinking.ts";
import { clearToolUses } from "./clear-tool-uses.ts";

export type AdaptedConversation = {
  readonly request: MessagesRequest;
  readonly appliedEdits: readonly AppliedEdit[];
};

export function adaptConversation(given: MessagesRequest): AdaptedConversation {
  const { summaries, brief } = surveyMessages(given.messages);
  let messages: readonly RequestMessage[] = summaries ? dropSummarized(given.messages) : given.messages;
  if (brief) messages = hideSystemTexts(messages);
  const appliedEdits: AppliedEdit[] = [];
  for (const edit of given.context_management?.edits ?? []) {
    const cleared =
      edit.type === "clear_tool_uses_20250919"
        ? clearToolUses(messages, edit, given)
        : edit.type === "clear_thinking_20251015"
          ? clearThinking(messages, edit)
          : undefined;
    if (!cleared) continue;
    messages = cleared.messages;
    appliedEdits.push(cleared.applied);
  }
  if (messages === given.messages) return { request: given, appliedEdits };
  return { request: { ...given, messages: [...messages] }, appliedEdits };
}

/** A summary stands for everything before it. A model reads it as the user's words, because they come first. */
function dropSummarized(messages: readonly RequestMessage[]): readonly RequestMessage[] {
  const isSummary = ({ type, ...block }: RequestMessage["content"][number]) =>
    type === "compaction" && "content" in block && Boolean(block.content);
  const last = messages.findLastIndex(({ content }) => content.some(isSummary));
  const message = messages[last];
  if (!message) return messages;
  const at = message.content.findLastIndex(isSummary);
  const [summary, rest] = [message.content.slice(at, at + 1), message.content.slice(at + 1)];
  return [
    { role: "user", content: summary },
    ...(rest.length > 0 ? [{ ...message, content: rest }] : []),
    ...messages.slice(last + 1),
  ];
}

/** Messages for one turn (`clear_at`) lose their texts when the user speaks again. What they did to tools lasts. */
function hideSystemTexts(messages: readonly RequestMessage[]): readonly RequestMessage[] {
  const lastOfUser = messages.findLastIndex(({ role }) => role === "user");
  const isHidden = ({ role, clear_at }: RequestMessage, at: number) =>
    role === "system" && clear_at === "next_user_message" && at < lastOfUser;
  if (!messages.some(isHidden)) return messages;
  return messages.map((message, at) =>
    isHidden(message, at)
      ? { ...message, content: message.content.filter(({ type }) => type !== "text") }
      : message,
  );
}
