/** Reads the headers that a backend needs which takes the client's request as it came. */
import { clientHeaders } from "../catalog/claude-code/claude-code.ts";
import type { ClientHeaders } from "../plan/plan.ts";

/** Where a client may send a key. */
export type KeyHeader = "x-api-key" | "authorization";

const ofRequest = /^anthropic-(?:version|beta)$/;

/** @param ours the headers that hold a key of this proxy, which nobody else may see */
export function readCaller(headers: Headers, ours: readonly KeyHeader[] = []): ClientHeaders {
  const own: Record<string, string> = {};
  const credentials: Record<string, string> = {};
  const client: Record<string, string> = {};
  for (const [name, value] of headers) {
    if (ofRequest.test(name)) own[name] = value;
    else if (clientHeaders.test(name)) client[name] = value;
    else if (isKeyHeader(name) && !ours.includes(name) && isKey(name, value)) credentials[name] = value;
  }
  return { headers: own, client, credentials };
}

function isKeyHeader(name: string): name is KeyHeader {
  return name === "x-api-key" || name === "authorization";
}

/** In no other form could a key of this proxy be recognized. */
function isKey(header: KeyHeader, value: string): boolean {
  return header === "x-api-key" ? value !== "" : /^Bearer\s+\S/i.test(value);
}
