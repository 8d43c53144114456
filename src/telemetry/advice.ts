/** What to do about each kind of error, for people who look at the page or at `top`. */
import type { ErrorKind } from "../errors.ts";

const advice: Readonly<Record<ErrorKind, string>> = {
  "invalid-request":
    "The backend refuses something in the request; the log has its words under the request's id",
  "wrong-address": "There is no API at the backend's address, which usually ends in /v1; run doctor",
  "prompt-too-long": "The conversation is longer than the model's window; Claude Code compacts it by itself",
  authentication: "The backend refuses its key; check OPENAI_API_KEY or config.toml, or run doctor",
  billing: "The account at the backend has no credit left, or has reached one of its limits",
  "spend-cap": "Today has cost as much as MAX_DAILY_COST allows; raise it, or wait until midnight",
  permission: "The backend's key may not use this model; check it in the backend's console",
  "not-found":
    "The backend does not know the model; run models to see its list, and set BIG_MODEL and the others",
  "method-not-allowed": "The address may not be that of an API, which usually ends in /v1; run doctor",
  conflict: "Two requests conflict at the backend; send this one again",
  "request-too-large":
    "The request is larger than the backend or the proxy takes; send fewer or smaller files",
  "request-too-slow": "The client took too long to send the request; check the connection to it",
  "unsupported-media-type": "The request is not JSON, or compressed; check what sends it",
  "rate-limit": "The backend limits the rate of requests; wait, or ask its provider for a higher limit",
  overloaded: "The backend or the proxy is overloaded; this usually passes by itself",
  timeout: "The backend was silent for too long; a large model may need a higher REQUEST_TIMEOUT",
  unreachable: "The backend cannot be reached; check its address and the network, or run doctor",
  upstream: "The backend failed; the log has its words under the request's id",
  internal: "The proxy has a bug; please report it, with the lines of the log",
};

/** "" for a kind that this version does not know. */
export function advise(error: string): string {
  return Object.entries(advice).find(([kind]) => kind === error)?.[1] ?? "";
}
