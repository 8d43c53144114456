/**
 * Room `upstream/reasoning/`: reasoning in forms that several protocols share. Not here: fields of one wire format.
 *
 * Provider state that must come back on the next turn, packed into the one field that a client replays untouched:
 * the signature of a thinking block, or the data of a redacted one. The proxy keeps nothing, so a restart or a
 * second replica changes nothing.
 *
 * A carrier is `ccp1.` and base64url of: a flag byte, four bytes of checksum, the state as JSON, deflated when that
 * is shorter. The checksum tells a damaged or foreign token from ours; it keeps no secret, because a client may
 * write whatever conversation it likes anyway.
 */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { isObject, type JsonObject, parseJson } from "../../lib/json.ts";

/** State of one piece of reasoning. */
export type CarriedState = {
  /** The way it is to be replayed: a backend's own items, the signature of a call, or plain text. */
  readonly form: string;
  /** The backend's model: signatures of one are refused by another. */
  readonly model: string;
  /** The provider's items, unmodified and in order. */
  readonly items: readonly JsonObject[];
};

const prefix = "ccp1.";
/** Below this, deflating gains nothing. */
const worthDeflating = 200;
/** Clients send every carrier back with every request; beyond this, it costs more than it is worth. Bytes. */
const packedLimit = 256 * 1024;
const unpackedLimit = 4 * 1024 * 1024;

/** The signature of thinking that carries no state: never empty, because Claude Code drops unsigned thinking. */
export const emptySignature = prefix;

/** The token, or undefined for a state too large to travel. */
export function packCarrier(state: CarriedState): string | undefined {
  const json = Buffer.from(JSON.stringify([state.form, state.model, state.items]));
  const deflated = json.length > worthDeflating ? deflateRawSync(json) : json;
  const isDeflated = deflated.length < json.length;
  const payload = isDeflated ? deflated : json;
  if (payload.length > packedLimit || json.length > unpackedLimit) return undefined;
  const head = Buffer.alloc(5);
  head[0] = isDeflated ? 1 : 0;
  head.writeUInt32BE(Bun.hash.crc32(payload), 1);
  return prefix + Buffer.concat([head, payload]).toString("base64url");
}

/** The state in a token; undefined for a token that is empty, foreign or damaged. Never throws. */
export function unpackCarrier(token: string): CarriedState | undefined {
  if (!token.startsWith(prefix) || token === prefix) return undefined;
  const bytes = Buffer.from(token.slice(prefix.length), "base64url");
  if (bytes.length < 6) return undefined;
  const payload = bytes.subarray(5);
  if (bytes.readUInt32BE(1) !== Bun.hash.crc32(payload)) return undefined;
  const state = parseJson(bytes[0] === 1 ? inflate(payload) : payload.toString());
  if (!Array.isArray(state)) return undefined;
  const [form, model, items] = state;
  if (typeof form !== "string" || typeof model !== "string" || !Array.isArray(items)) return undefined;
  return { form, model, items: items.filter(isObject) };
}

function inflate(payload: Buffer): string {
  try {
    return inflateRawSync(payload, { maxOutputLength: unpackedLimit }).toString();
  } catch {
    return "";
  }
}
