/**
 * Room `upstream/reasoning/`: reasoning in forms that several protocols share. Not here: fields of one wire format.
 *
 * A carrier is provider state that must come back on the next turn, packed into the one field that a client sends back
 * unchanged: the signature of a thinking block, or the data of a redacted one. The proxy itself keeps nothing, so a
 * restart or a second replica makes no difference.
 *
 * Format: `ccp1.` and base64url of a flag byte, four bytes of checksum, and the state as JSON, deflated if that is
 * shorter. The checksum tells our tokens from foreign or damaged ones. It protects no secret, because a client may
 * write any conversation it likes anyway.
 */
import type { RequestBlock } from "../../anthropic/wire.ts";
import { isObject, type JsonObject, parseJson } from "../../lib/json.ts";

/** State of one piece of reasoning. */
export type CarriedState = {
  /** How to send it back: as a backend's own items, as the signature of a call, or as plain text. */
  readonly form: string;
  /** The model and host that made it, as `nameOrigin` writes them; once only the model. */
  readonly origin: string;
  /** The provider's items, unmodified and in order. */
  readonly items: readonly JsonObject[];
};

/** Loaded when it is needed: it brings Node's streams, 7 MB. */
const zlib = (): typeof import("node:zlib") => import.meta.require("node:zlib");

const prefix = "ccp1.";
/** Below this size, deflating gains nothing. */
const minDeflatedSize = 200;
/** Bytes. Clients send every carrier with every request, so a larger one costs more than it is worth. */
const packedLimit = 256 * 1024;
const unpackedLimit = 4 * 1024 * 1024;

/** The signature of thinking without state. Never empty, because Claude Code drops unsigned thinking. */
export const emptySignature = prefix;

/**
 * Another model, and the same one at another host, refuses what this one has signed. The host itself is not the
 * client's business.
 * @param host its port says nothing: a server that is started again may have another
 */
export function nameOrigin(model: string, { name: host }: { readonly name: string }): string {
  return `${model}@${Bun.hash.crc32(host.replace(/:\d+$/, "")).toString(36)}`;
}

/** The token, or undefined if the state is too large. */
export function packCarrier(state: CarriedState): string | undefined {
  const json = Buffer.from(JSON.stringify([state.form, state.origin, state.items]));
  const deflated = json.length > minDeflatedSize ? zlib().deflateRawSync(json) : json;
  const isDeflated = deflated.length < json.length;
  const payload = isDeflated ? deflated : json;
  if (payload.length > packedLimit || json.length > unpackedLimit) return undefined;
  const head = Buffer.alloc(5);
  head[0] = isDeflated ? 1 : 0;
  head.writeUInt32BE(Bun.hash.crc32(payload), 1);
  return prefix + Buffer.concat([head, payload]).toString("base64url");
}

/** The state in a token; undefined if the token is empty, foreign or damaged. Never throws. */
export function unpackCarrier(token: string): CarriedState | undefined {
  if (!token.startsWith(prefix) || token === prefix) return undefined;
  const bytes = Buffer.from(token.slice(prefix.length), "base64url");
  if (bytes.length < 6) return undefined;
  const payload = bytes.subarray(5);
  if (bytes.readUInt32BE(1) !== Bun.hash.crc32(payload)) return undefined;
  const state = parseJson(bytes[0] === 1 ? inflate(payload) : payload.toString());
  if (!Array.isArray(state)) return undefined;
  const [form, origin, items] = state;
  if (typeof form !== "string" || typeof origin !== "string" || !Array.isArray(items)) return undefined;
  return { form, origin, items: items.filter(isObject) };
}

/** The state that a thinking block carries; undefined if it is no such block, or carries none of ours. */
export function readCarrier(block: RequestBlock): CarriedState | undefined {
  const token =
    block.type === "thinking" ? block.signature : block.type === "redacted_thinking" ? block.data : undefined;
  return token === undefined ? undefined : unpackCarrier(token);
}

/** Whether a block holds thinking that only Anthropic's servers can read. */
export function isSealed(block: RequestBlock): boolean {
  return block.type === "redacted_thinking" && unpackCarrier(block.data) === undefined;
}

function inflate(payload: Buffer): string {
  try {
    return zlib().inflateRawSync(payload, { maxOutputLength: unpackedLimit }).toString();
  } catch {
    return "";
  }
}
