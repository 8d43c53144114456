/** Refuses a continued thread: it holds only the new messages, and the old ones are kept nowhere. */
import type { MessagesRequest } from "../anthropic/wire.ts";
import { describeMissingBeta } from "../anthropic/write-refusal.ts";
import { isClaudeCode } from "../catalog/claude-code/claude-code.ts";
import { ProxyError } from "../errors.ts";

/**
 * Each client is refused in the way that makes it send the whole conversation: Claude Code then stops using threads,
 * and the official SDK begins a new one.
 *
 * @param isClaude whether the headers are those of Claude Code
 * @throws ProxyError for a thread that is continued
 */
export function refuseThread({ thread, system }: MessagesRequest, isClaude: boolean): void {
  if (thread?.type !== "continue") return;
  if (isClaude || isClaudeCode((system ?? []).map(({ text }) => text)))
    throw new ProxyError("invalid-request", describeMissingBeta("message-threads-2026-08-12"), {
      code: "thread_unsupported_request",
    });
  throw new ProxyError(
    "not-found",
    "Cannot continue the thread: the proxy keeps no conversations; send all messages",
    { code: "thread_not_found" },
  );
}
