/** Recognizes answers of something other than the API: the address is wrong. */
import { adviseAddress } from "../../plan/find-likely-address.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Fault } from "./read-fault.ts";

/** What web frameworks say of a path that they do not have. A missing model is named. */
const unknownPath =
  /^\W*(?:404 )?(?:(?:file|page|path|route|url|endpoint|resource) )?not found\W*$|^404 page not found|^cannot (?:get|post) |^(?:no|unknown|invalid|unexpected|unsupported) (?:\w+ )?(?:route|url|path|endpoint)\b|^method not allowed\W*$|^the requested url was not found/i;
/** Go, nginx and others, asked for HTTP at a port that speaks TLS. */
const plainToTls = /http request (?:was sent )?to (?:an )?https (?:server|port)/i;

/** "Network Authentication Required", RFC 6585: the answer of a captive portal. */
const loginNeeded = 511;

/** A gateway's page about the server behind it, which may come back. */
const breakdown = /gateway|unavailable|time-?out|timed out|overload|maintenance|\b5\d\d\b|try again/i;

const maxWords = 120;

/** @param status 0 if there was none, or if it means success */
export function isWrongAddress(status: number, { text, isJson, isPage }: Fault): boolean {
  if (plainToTls.test(text) || status === loginNeeded) return true;
  if (status === 404 || status === 405) return !isJson || unknownPath.test(text);
  return status === 0 && isPage && !breakdown.test(text);
}

/** Claude Code shows no message of a 404, so this is for an error that it shows. */
export function describeWrongAddress(status: number, { text }: Fault, plan: Plan): string {
  const { protocol, host, pathname } = new URL(plan.url);
  const said = text === "" ? "" : ` (${text.slice(0, maxWords)})`;
  const answer = `${status === 0 ? "a web page answered" : `the server answered ${status}`}${said}`;
  if (status === loginNeeded)
    return `Cannot reach the API at ${protocol}//${host}: the network asks for a login${said}; log in with a browser first`;
  const advice = plainToTls.test(text)
    ? `set ${plan.backend.settings.address} to its https:// address`
    : adviseAddress(plan.backend);
  return `Cannot find the API at ${protocol}//${host}${pathname}: ${answer}; ${advice}`;
}
