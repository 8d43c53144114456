/**
 * Remembers what was written for each turn. Clients send the whole conversation with every request; all but its last
 * messages are the same objects as before (`anthropic/known-parts.ts`). A known turn becomes the same messages again, so
 * that their JSON is known too (`content/known-forms.ts`).
 */
import type { RequestMessage, RequestToolUseBlock } from "../../../anthropic/wire.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { TurnRange } from "../../content/read-turns.ts";
import type { ToolNames } from "../../tools/choose-tool-names.ts";
import type { ChatMessage } from "../wire.ts";

/** What the messages of every turn depend on. */
export type TurnSetting = Pick<Plan, "quirks" | "model"> & {
  readonly names: ToolNames;
  /** Whether the client wants reasoning. */
  readonly reasons: boolean | undefined;
};

/** The calls of a turn, which the next one answers. */
export type Calls = readonly RequestToolUseBlock[];

export type WrittenTurn = {
  readonly messages: readonly ChatMessage[];
  readonly calls: Calls;
  /** What was lost, for the log. */
  readonly notes: readonly string[];
};

type KnownTurn = {
  readonly said: readonly RequestMessage[];
  readonly answered: Calls;
  readonly setting: TurnSetting;
  readonly written: WrittenTurn;
};

/** By the first message of each, for as long as that is known. */
const known = new WeakMap<RequestMessage, KnownTurn>();

/** @param answered the calls of the turn before */
export function findTurn(
  conversation: readonly RequestMessage[],
  { from, to }: TurnRange,
  answered: Calls,
  setting: TurnSetting,
): WrittenTurn | undefined {
  const first = conversation[from];
  const found = first && known.get(first);
  if (!found || found.said.length !== to - from) return undefined;
  for (let at = from + 1; at < to; at += 1) if (found.said[at - from] !== conversation[at]) return undefined;
  return isSameSetting(found.setting, setting) && areSameCalls(found.answered, answered)
    ? found.written
    : undefined;
}

export function keepTurn(
  conversation: readonly RequestMessage[],
  { from, to }: TurnRange,
  answered: Calls,
  setting: TurnSetting,
  written: WrittenTurn,
): void {
  const said = conversation.slice(from, to);
  const [first] = said;
  if (first) known.set(first, { said, answered, setting, written });
}

function isSameSetting(one: TurnSetting, other: TurnSetting): boolean {
  return (
    one.quirks === other.quirks &&
    one.model === other.model &&
    one.names === other.names &&
    one.reasons === other.reasons
  );
}

/** Compares all that the results of a call depend on. */
function areSameCalls(some: Calls, others: Calls): boolean {
  if (some === others) return true;
  return (
    some.length === others.length &&
    some.every((call, at) => {
      const other = others[at];
      return call.id === other?.id && call.name === other.name && call.toolset_name === other.toolset_name;
    })
  );
}
