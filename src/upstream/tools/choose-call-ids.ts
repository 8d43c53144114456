/** Ids of tool calls, as the backend accepts them. */
import type { RequestToolUseBlock } from "../../anthropic/wire.ts";
import type { Quirks } from "../../catalog/quirks.ts";
import { alphanumerics } from "../../lib/create-id.ts";
import { decodeId } from "../../lib/encode-id.ts";
import type { Plan } from "../../plan/plan.ts";

type CallIds = {
  /** The backend's id of a call. */
  readonly of: (call: RequestToolUseBlock) => string;
  /** Whether each depends only on its own call, because no two calls of the conversation have the same. */
  readonly areUnique: boolean;
};

/**
 * The backend's id of each call: its own or the client's if it fits, else a hash of it, the same in every request. Some
 * histories use one id for several calls; the later ones get new ids.
 */
export function chooseCallIds({ request, quirks }: Plan): CallIds {
  const form = quirks.tools.callIds;
  let used: Set<string> | undefined;
  let again: RequestToolUseBlock[] | undefined;
  for (const { content } of request.messages) {
    for (const block of content) {
      if (block.type !== "tool_use") continue;
      used ??= new Set();
      const before = used.size;
      used.add(block.id);
      if (used.size > before) continue;
      again ??= [];
      again.push(block);
    }
  }
  if (!again) return { of: ({ id }) => upstreamId(id, form), areUnique: true };
  const later = numberUses(again);
  return { of: (call) => upstreamId(later.get(call) ?? call.id, form), areUnique: false };
}

/** The id of each call and how often it was used before, which is at least once. */
function numberUses(calls: readonly RequestToolUseBlock[]): ReadonlyMap<RequestToolUseBlock, string> {
  const uses = new Map<string, number>();
  return new Map(
    calls.map((call) => {
      const use = (uses.get(call.id) ?? 0) + 1;
      uses.set(call.id, use);
      return [call, `${call.id} ${use}`];
    }),
  );
}

function upstreamId(id: string, form: Quirks["tools"]["callIds"]): string {
  const own = decodeId(id) ?? id;
  switch (form) {
    case "keep":
      return decodeId(id) ?? shortId(id);
    case "short":
      return shortId(own);
    case "nine":
      if (/^[A-Za-z0-9]{9}$/.test(own)) return own;
      return Array.from(hash(own).subarray(0, 9), (byte) => alphanumerics[byte % alphanumerics.length]).join(
        "",
      );
    default:
      return form satisfies never;
  }
}

function shortId(id: string): string {
  return /^[A-Za-z0-9_-]{1,40}$/.test(id) ? id : `call_${hash(id).toString("hex").slice(0, 24)}`;
}

function hash(id: string): Buffer {
  return Bun.CryptoHasher.hash("sha256", id);
}
