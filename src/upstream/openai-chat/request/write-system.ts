/** Writes the system prompt, which is the same in most requests of a client. */
import type { MessagesRequest } from "../../../anthropic/wire.ts";
import type { Quirks } from "../../../catalog/quirks.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { TextPart } from "../../content/parts.ts";
import { joinParts } from "../../content/write-content.ts";
import { systemParts } from "../../write-options.ts";
import type { ChatMessage } from "../wire.ts";

type Known = { readonly quirks: Quirks; readonly parts: readonly TextPart[]; readonly message: ChatMessage };

type SystemBlock = NonNullable<MessagesRequest["system"]>[number];

/** By the longest block of each, for as long as that is known: it is the same object in the next request. */
const known = new WeakMap<SystemBlock, Known>();

/**
 * Undefined if there is nothing to say; the same message for the same prompt.
 *
 * @param additions what else the model has to be told there
 */
export function writeSystem(plan: Plan, additions: readonly (string | undefined)[]): ChatMessage | undefined {
  const { quirks, request } = plan;
  const parts = systemParts(plan, additions);
  if (parts.length === 0) return undefined;
  const longest = plan.isLong ? findLongest(request.system ?? []) : undefined;
  const before = longest && known.get(longest);
  if (before?.quirks === quirks && areSame(before.parts, parts)) return before.message;
  const joined = joinParts(parts, "\n\n");
  const content = typeof joined === "string" ? joined : parts;
  const message: ChatMessage = { role: quirks.messages.systemRole, content };
  if (longest) known.set(longest, { quirks, parts, message });
  return message;
}

function findLongest(blocks: readonly SystemBlock[]): SystemBlock | undefined {
  let longest: SystemBlock | undefined;
  for (const block of blocks) if (!longest || block.text.length > longest.text.length) longest = block;
  return longest;
}

function areSame(some: readonly TextPart[], others: readonly TextPart[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ text, cache_control }, at) => {
      const other = others[at];
      return text === other?.text && isSameMark(cache_control, other.cache_control);
    })
  );
}

function isSameMark(one: TextPart["cache_control"], other: TextPart["cache_control"]): boolean {
  return one?.type === other?.type && one?.ttl === other?.ttl;
}
