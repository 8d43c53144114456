/**
 * Room `upstream/refusal/`: what a backend's error means, whatever the protocol. Not here: trying again, or the format
 * of errors for clients.
 *
 * Turns a backend's failure into a `ProxyError` that makes an Anthropic client do the right thing: wait, shorten, give
 * up, or drop an image. The other readers in this folder find the facts (`read-fault`, `read-overflow`, `read-media`,
 * `read-limits`); the tables here judge them.
 */
import { describeUnusableMedia } from "../../anthropic/write-refusal.ts";
import { type ErrorDetails, type ErrorKind, ProxyError, type RefusedMedia } from "../../errors.ts";
import { asString, isObject, type JsonObject, parseJson } from "../../lib/json.ts";
import { redact } from "../../lib/redact.ts";
import type { Plan } from "../../plan/plan.ts";
import { describeWrongAddress, isWrongAddress } from "./read-address.ts";
import { type ErrorKinds, type Fault, findKind, readFault } from "./read-fault.ts";
import { readRateLimits, readRetryAfter } from "./read-limits.ts";
import { readRefusedMedia } from "./read-media.ts";
import { readOverflow } from "./read-overflow.ts";
import { isQuota } from "./read-quota.ts";

const maxMessageLength = 500;
const maxDetailsLength = 10_000;

/** A backend's error with everything it said: `find-correction.ts` looks for more in it than a client does. */
export class BackendError extends ProxyError {
  readonly fault: Fault;

  constructor(kind: ErrorKind, message: string, details: ErrorDetails, fault: Fault) {
    super(kind, message, details);
    this.fault = fault;
  }
}

/**
 * Reads a failed HTTP answer. `status` may be 200 if the body contains an error.
 *
 * @param value the body, or the part of it that reports the error
 */
export function readError(status: number, headers: Headers, value: unknown, plan: Plan): BackendError {
  return toError(status, value, plan, headers);
}

/** Reads an error inside a stream frame or a 200 body: the parsed value, or text that is not JSON. */
export function readErrorFrame(value: unknown, plan: Plan): BackendError {
  return toError(200, value, plan, new Headers());
}

function toError(status: number, value: unknown, plan: Plan, headers: Headers): BackendError {
  const fault = readFault(value, plan.quirks);
  const upstreamStatus = status >= 400 ? status : (fault.status ?? 0);
  const verdict = judge(upstreamStatus, fault, plan);
  const message = redact(verdict.message, secretsOf(plan));
  const details = {
    retryAfter: readRetryAfter(headers) ?? fault.retryAfter,
    headers: readRateLimits(headers),
    // A subscription whose limit is reached: its client is to show that, not to wait for hours.
    isLasting: headers.get("x-should-retry") === "false" || undefined,
    upstreamStatus: upstreamStatus === 0 ? undefined : upstreamStatus,
    refuses: verdict.refuses,
    isModelMistake: isModelMistake(fault),
    ...(plan.protocol === "anthropic" && readNativeWords(value, plan, headers)),
  };
  return new BackendError(verdict.kind, cut(message), details, fault);
}

/** What clients understand as it is, because the format is theirs. */
function readNativeWords(
  value: unknown,
  plan: Plan,
  headers: Headers,
): Pick<ErrorDetails, "details" | "backendRequestId"> {
  const { error, request_id }: JsonObject = isObject(value) ? value : {};
  const said = isObject(error) && isObject(error.details) ? JSON.stringify(error.details) : "";
  const details = said.length <= maxDetailsLength ? parseJson(redact(said, secretsOf(plan))) : undefined;
  const id = asString(request_id) || (headers.get("request-id") ?? "");
  return {
    details: isObject(details) ? details : undefined,
    backendRequestId: /^[\w.-]{1,100}$/.test(id) ? id : undefined,
  };
}

type Verdict = {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly refuses?: RefusedMedia;
};

/** `status` is 0 if there was none. */
function judge(status: number, fault: Fault, plan: Plan): Verdict {
  const overflow = readOverflow(status, fault);
  if (overflow) return overflow;
  const text = fault.text || `The backend answered ${status || "with an error"} without an explanation`;
  const refuses = readRefusedMedia(status, fault.text);
  if (refuses)
    return { kind: "invalid-request", message: describeUnusableMedia(refuses.media, text), refuses };
  if (isWrongAddress(status, fault))
    return { kind: "wrong-address", message: describeWrongAddress(status, fault, plan) };
  const kind =
    fault.codeKind ??
    (isQuota(status, fault) ? "billing" : undefined) ??
    findKind(fault.codes, decisiveCodes) ??
    kindByText(status, fault) ??
    kindByStatus(status, fault);
  return { kind, message: phrase(kind, text, plan) };
}

/** Groq's code: the model wrote a call that does not fit its tool. */
function isModelMistake({ codes, text }: Fault): boolean {
  return codes.includes("tool_use_failed") || /^failed to call a function\b/i.test(text);
}

function phrase(kind: ErrorKind, text: string, plan: Plan): string {
  // Such words are for the client as they are.
  if (plan.protocol === "anthropic" && (kind === "not-found" || plan.backend.takesCallersKey)) return text;
  if (kind === "not-found") {
    const { model } = plan.request;
    const sent = model === plan.model ? "" : ` (sent as ${plan.model})`;
    return `model: ${model}${sent}: ${text}`;
  }
  // Otherwise the user would suspect the key that the client sent.
  if (kind === "authentication")
    return `The backend refused the key in ${plan.backend.settings.key}: ${text}`;
  return text;
}

/** Codes that mean the same wherever they appear, and say more than the status they come with. */
const decisiveCodes: ErrorKinds = {
  // OpenAI, Moonshot, DeepSeek: a 429 that waiting does not cure
  insufficient_quota: "billing",
  exceeded_current_quota_error: "billing",
  billing_not_active: "billing",
  insufficient_balance: "billing",
  payment_required: "billing",
  rate_limit_exceeded: "rate-limit",
  rate_limit_reached_error: "rate-limit",
  engine_overloaded_error: "overloaded",
  overloaded_error: "overloaded",
  provider_overloaded: "overloaded",
  unavailable_error: "overloaded",
  model_not_found: "not-found",
  invalid_model: "not-found",
  deploymentnotfound: "not-found",
  // Moderation; with its 403, clients would show it as a failed login
  content_filter: "invalid-request",
  content_policy_violation: "invalid-request",
  data_inspection_failed: "invalid-request",
};

/** Codes that replace a missing status, as in a stream. */
const plainCodes: ErrorKinds = {
  invalid_request_error: "invalid-request",
  badrequesterror: "invalid-request",
  // `ResponseError` in the types of `openai`
  invalid_prompt: "invalid-request",
  bio_policy: "invalid-request",
  misalignment_policy_violation: "invalid-request",
  data_residency_mismatch: "invalid-request",
  invalid_argument: "invalid-request",
  authentication_error: "authentication",
  authentication: "authentication",
  invalid_api_key: "authentication",
  unauthenticated: "authentication",
  billing_error: "billing",
  permission_error: "permission",
  permission_denied: "permission",
  not_found_error: "not-found",
  not_found: "not-found",
  request_too_large: "request-too-large",
  rate_limit_error: "rate-limit",
  resource_exhausted: "rate-limit",
  timeout_error: "timeout",
  timeout: "timeout",
  deadline_exceeded: "timeout",
  unavailable: "overloaded",
};

/** Wordings that say more than the status; 0 means no status. */
const textRules: readonly { statuses: readonly number[]; wording: RegExp; kind: ErrorKind }[] = [
  // Groq's limit per minute, exceeded by a single large request
  { statuses: [0, 413], wording: /(tokens|requests) per (minute|day)|rate[ _-]?limit/i, kind: "rate-limit" },
  {
    statuses: [0, 400, 403, 429],
    wording: /insufficient (account )?(balance|credit|fund|quota)|(not enough|requires more|out of) credits/i,
    kind: "billing",
  },
  {
    statuses: [0, 400, 404, 422],
    wording:
      /\bmodel(?: name| id)? [`'"]?[\w./:@-]+[`'"]? (?:was |is |has |could |does |did )?(?:(?:\w+n['’]t|(?:can)?not) (?:be |been )?(?:found|exist|available|supported(?! (?:with|by|for|in)\b(?! any))|loaded|served|deployed|known)|not a valid model|unknown|reached (?:its )?end of life)|\b(?:unable to|could not|cannot|can['’]t|couldn['’]t) find (?:the )?model\b|\bno model (?:named|called|with)\b|\bmodel(?: does)? not (?:found|exist)|not a valid model|(?:invalid|unknown|unsupported|no such) model(?: name| id)?\b(?:[:,. ]|$)|(?:supported|available|valid) (?:api )?models?(?: names?| ids?)?(?: are| is|:)(?: |$)|\bmodel [`'"]?[\w./:@-]+[`'"]? (?:has been|is|was) (?:deprecated|retired|decommissioned|shut down)|模型.{0,60}(?:不存在|不可用|未找到)/i,
    kind: "not-found",
  },
  {
    statuses: [403],
    wording: /moderation|flagged|guardrail|content[ _-](policy|filter)/i,
    kind: "invalid-request",
  },
  {
    statuses: [0, 429, 500, 502, 503],
    wording: /overloaded|loading model|model is loading|(at|over) capacity/i,
    kind: "overloaded",
  },
];

function kindByText(status: number, fault: Fault): ErrorKind | undefined {
  return textRules.find((rule) => rule.statuses.includes(status) && rule.wording.test(fault.text))?.kind;
}

const statusKinds: Readonly<Record<number, ErrorKind>> = {
  401: "authentication",
  402: "billing",
  403: "permission",
  404: "not-found",
  408: "timeout",
  409: "conflict",
  410: "not-found",
  413: "request-too-large",
  429: "rate-limit",
  498: "overloaded",
  503: "overloaded",
  504: "timeout",
  524: "timeout",
  529: "overloaded",
};

function kindByStatus(status: number, fault: Fault): ErrorKind {
  if (status === 0) return findKind(fault.codes, plainCodes) ?? "upstream";
  return statusKinds[status] ?? (status >= 400 && status < 500 ? "invalid-request" : "upstream");
}

/** A server may quote them in its error. Which of the custom headers hold a secret cannot be told from their names. */
function secretsOf(plan: Plan): string[] {
  const values = [...Object.values(plan.backend.headers), ...Object.values(plan.caller?.credentials ?? {})];
  return values.flatMap((value) => [value, value.replace(/^\w+\s+/, "")]);
}

function cut(message: string): string {
  return message.length <= maxMessageLength ? message : `${message.slice(0, maxMessageLength - 1)}…`;
}
