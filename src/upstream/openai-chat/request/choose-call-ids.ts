/** Ids of tool calls, as the backend accepts them. */
import { createHash } from "node:crypto";
import type { RequestToolUseBlock } from "../../../anthropic/wire.ts";
import type { Quirks } from "../../../catalog/quirks.ts";
import { alphanumerics } from "../../../lib/create-id.ts";
import type { Plan } from "../../../plan/plan.ts";

/**
 * The backend's id of each call: the client's own if it fits, else a hash of it, the same in every request. Some
 * histories use one id for several calls; the later ones get new ids.
 */
export function chooseCallIds({ request, quirks }: Plan): (call: RequestToolUseBlock) => string {
  const ids = new Map<RequestToolUseBlock, string>();
  const uses = new Map<string, number>();
  for (const { content } of request.messages) {
    for (const block of content) {
      if (block.type !== "tool_use") continue;
      const use = uses.get(block.id) ?? 0;
      uses.set(block.id, use + 1);
      ids.set(block, upstreamId(use === 0 ? block.id : `${block.id} ${use}`, quirks.tools.callIds));
    }
  }
  return (call) => ids.get(call) ?? call.id;
}

function upstreamId(id: string, form: Quirks["tools"]["callIds"]): string {
  if (form === "keep" && /^[A-Za-z0-9_-]{1,40}$/.test(id)) return id;
  const hash = createHash("sha256").update(id).digest();
  if (form === "keep") return `call_${hash.toString("hex").slice(0, 24)}`;
  return Array.from(hash.subarray(0, 9), (byte) => alphanumerics[byte % alphanumerics.length]).join("");
}
