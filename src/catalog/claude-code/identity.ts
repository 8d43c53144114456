/** How the requests of Claude Code are recognized. */
import type { MessagesRequest } from "../../anthropic/wire.ts";

/** The newest version that was looked at. */
export const testedVersion = "2.1.332";

/** How its first system block begins; the rest is different in every conversation. Seen in 2.1.197 to 2.1.332. */
export const billingHeader = "x-anthropic-billing-header:";

/** What it calls itself in the sentence that follows, as do programs built on it. Seen in 2.1.197 to 2.1.332. */
export const clientNames: readonly string[] = ["Claude Code", "Claude Agent SDK"];

/** Characters. That sentence is a block of its own, or begins one. Seen in 2.1.197 to 2.1.332. */
export const identityLength = 300;

export function isBillingHeader(text: string): boolean {
  return text.startsWith(billingHeader);
}

/**
 * Whether a system prompt is Claude Code's: the only definition of that. Request headers are not used: gateways on the
 * way replace them, and what happens to a prompt must depend on the prompt alone, or no cache would find it again.
 *
 * @param system the texts of the system blocks
 */
export function isClaudeCode(system: readonly string[]): boolean {
  return system.some((text) => {
    const beginning = text.slice(0, identityLength);
    return isBillingHeader(text) || clientNames.some((name) => beginning.includes(name));
  });
}

/** Whether its picker asks for the models; its messages come with another name. Seen in 2.1.332. */
export function isPicker(userAgent: string | null): boolean {
  return userAgent?.startsWith("claude-code/") === true;
}

/**
 * The stop sequences of the safety check in auto mode; only its first stage has one. `</block>` was seen in 2.1.197 to
 * 2.1.332, `</severity>` in 2.1.330, 2.1.332.
 */
export const safetyCheckStops: readonly string[] = ["</block>", "</severity>"];

/** How the start of its system prompt names the task of that check. Seen in 2.1.197 to 2.1.332. */
export const safetyCheckTask = "security monitor";

/** Whether a request is that safety check, which must see all of its rules. */
export function isSafetyCheck({ system, tools, stop_sequences }: MessagesRequest): boolean {
  if (tools?.length) return false;
  const hasStop = stop_sequences?.some((stop) => safetyCheckStops.includes(stop));
  return (
    hasStop === true ||
    (system ?? []).some(({ text }) => text.slice(0, 2000).toLowerCase().includes(safetyCheckTask))
  );
}
