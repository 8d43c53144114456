/** Explains why a connection failed, by the codes of Bun's fetch: what to tell people, and whether a retry may help. */
import { ProxyError } from "../../errors.ts";
import { readErrorCode } from "../../lib/read-error-code.ts";

/** Codes of our own, for what fetch has no code for. */
export const ownCodes = { silent: "NoConnection", tls: "SpeaksTls" } as const;

/** An error with a code, as `fetch` throws them. */
export function createFault(code: string): Error {
  return Object.assign(new Error(code), { code });
}

type ConnectionFault = {
  /** `{address}` stands for what sets the address of the backend. */
  readonly reason: string;
  /** How often a request is worth repeating; if undefined, the rule for all failures decides. */
  readonly repeats?: number;
  /** It will not pass until somebody fixes it, so clients should not wait. */
  readonly isLasting?: true;
};

const refused = {
  reason: "the connection was refused; check that the server runs and that {address} is right",
  repeats: 1,
  isLasting: true,
} as const;
const silent = {
  reason: "nothing answers there; check {address}, the network and firewalls",
  repeats: 0,
  isLasting: true,
} as const;
const unroutable = {
  reason: "no network leads there; check {address} and the network",
  repeats: 1,
} as const;
const withoutTls = {
  reason: "it does not speak TLS on this port; set {address} to its http:// address",
  repeats: 0,
  isLasting: true,
} as const;
const untrusted = {
  reason: "its TLS certificate is not trusted; see NODE_EXTRA_CA_CERTS",
  repeats: 0,
  isLasting: true,
} as const;

const faults: ReadonlyMap<string, ConnectionFault> = new Map<string, ConnectionFault>([
  ["ConnectionRefused", refused],
  ["ECONNREFUSED", refused],
  [
    "FailedToOpenSocket",
    { reason: "no connection could be opened; check {address} and the network", repeats: 1 },
  ],
  [ownCodes.silent, silent],
  [
    ownCodes.tls,
    {
      reason: "it speaks TLS on this port; set {address} to its https:// address",
      repeats: 0,
      isLasting: true,
    },
  ],
  [
    "Malformed_HTTP_Response",
    {
      reason: "what answers does not speak HTTP; check the port in {address}",
      repeats: 0,
      isLasting: true,
    },
  ],
  ["EPROTO", withoutTls],
  ["ERR_SSL_WRONG_VERSION_NUMBER", withoutTls],
  ["ENOTFOUND", { reason: "the host name was not found; check {address}", repeats: 0, isLasting: true }],
  [
    "EAI_AGAIN",
    { reason: "the host name could not be looked up; check the network and its name server", repeats: 1 },
  ],
  ["EHOSTUNREACH", unroutable],
  ["ENETUNREACH", unroutable],
  ["ETIMEDOUT", silent],
  ["ConnectionClosed", { reason: "the connection was closed before the answer was whole" }],
  ["ECONNRESET", { reason: "the connection was reset before the answer was whole" }],
  [
    "UnexpectedRedirect",
    {
      reason: "it redirects elsewhere; set {address} to the final address",
      repeats: 0,
      isLasting: true,
    },
  ],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", untrusted],
  ["SELF_SIGNED_CERT_IN_CHAIN", untrusted],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", untrusted],
  ["CERT_HAS_EXPIRED", { reason: "its TLS certificate has expired", repeats: 0, isLasting: true }],
  [
    "ERR_TLS_CERT_ALTNAME_INVALID",
    { reason: "its TLS certificate is for another host", repeats: 0, isLasting: true },
  ],
]);

/** Codes for an answer that breaks off in nonsense: those of fetch, and of the parser behind `node:http`. */
const garbled =
  /^(?:InvalidHTTPResponse|InvalidContentLength|ResponseHeadersTooLarge|UnrequestedUpgrade|HPE_\w+)$/;

/**
 * What is known about an error that fetch threw.
 * @param address what sets the address of the backend
 */
export function findConnectionFault(thrown: unknown, address = "its address"): ConnectionFault {
  const code = readErrorCode(thrown) ?? "";
  const fault = faults.get(code);
  if (fault) return { ...fault, reason: fault.reason.replace("{address}", address) };
  const what = garbled.test(code) ? "its answer is not valid HTTP" : "the connection failed";
  return { reason: `${what}${code === "" ? "" : ` (${code})`}` };
}

/** The reason alone: what to do about it is for backends, and this may be another server. */
export function describeFault(thrown: unknown): string {
  if (!(thrown instanceof ProxyError)) return thrown instanceof Error ? thrown.message : String(thrown);
  if (thrown.kind === "timeout") return "it was silent for too long";
  const [reason = ""] =
    thrown.cause === undefined ? [thrown.message] : findConnectionFault(thrown.cause).reason.split("; ");
  return reason;
}

/** Whether no connection was made. */
export function isUnopened(thrown: unknown): boolean {
  const code = readErrorCode(thrown) ?? "";
  return /^(?:ConnectionRefused|ECONNREFUSED|FailedToOpenSocket|ENOTFOUND|EAI_AGAIN)$/.test(code);
}

/** Whether the other side closed the connection. */
export function isClosed(thrown: unknown): boolean {
  return /^(?:ConnectionClosed|ECONNRESET)$/.test(readErrorCode(thrown) ?? "");
}
