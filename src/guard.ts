/**
 * Decides which requests are let in. A server on localhost that has a key can be reached by every web page and every
 * DNS name the user meets. Browsers set `Host`, `Origin` and `Sec-Fetch-Site` truthfully, so these are checked.
 */

import { createHash, timingSafeEqual } from "node:crypto";
import { wrongKey } from "./anthropic/write-refusal.ts";
import type { Config } from "./config/read-config.ts";
import { isAllowedOrigin } from "./cors.ts";
import { ProxyError } from "./errors.ts";
import { isLoopback } from "./lib/host.ts";
import { isOpen } from "./routes/endpoints.ts";

type ServerConfig = { readonly server: Pick<Config["server"], "host" | "clientKey" | "allowedOrigins"> };

/**
 * Makes the check that every request passes first. The check throws ProxyError `permission` for a wrong Host or
 * Origin, `authentication` for a wrong client key.
 */
export function createGuard(config: ServerConfig): (request: Request) => void {
  const { clientKey } = config.server;
  const isOurName = clientKey === undefined ? createHostCheck(config.server.host) : () => true;
  const isClientKey = clientKey === undefined ? undefined : createKeyCheck(clientKey);
  return (request) => {
    const name = hostName(request.headers.get("host") ?? "");
    if (!isOurName(name)) {
      throw new ProxyError(
        "permission",
        `The Host header "${name}" does not name this server; use 127.0.0.1, or set ANTHROPIC_API_KEY`,
      );
    }
    if (!isOurOrigin(request, config)) {
      throw new ProxyError(
        "permission",
        "Web pages of other origins may not call this server; ALLOWED_ORIGINS lists those that may",
      );
    }
    if (isClientKey && !needsNoKey(request) && !isClientKey(sentKey(request.headers))) {
      throw new ProxyError("authentication", `${wrongKey}: send the ANTHROPIC_API_KEY of this proxy`);
    }
  };
}

/** Without a client key the name in `Host` is the only thing that stops DNS rebinding. */
function createHostCheck(bindHost: string): (name: string) => boolean {
  const own = bindHost.toLowerCase();
  const loopback = new Set(["127.0.0.1", "localhost", "::1", own]);
  if (isLoopback(own)) return (name) => loopback.has(name);
  // Deliberately bound to the network: every name that public DNS cannot point here.
  return (name) => loopback.has(name) || isIpLiteral(name) || isLocalName(name);
}

function isIpLiteral(name: string): boolean {
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(name) || /^[\da-f:.]*:[\da-f:.]*$/.test(name);
}

/** Single labels (`proxy` in a container network) and the suffixes that are reserved for local use. */
function isLocalName(name: string): boolean {
  return /^[\w-]+$/.test(name) || /^[\w.-]+\.(?:local|internal|localhost)$/.test(name);
}

/** The name in a Host header, in lower case, without port and brackets; empty if it is invalid. */
function hostName(host: string): string {
  const match = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(host);
  return (match?.[1] ?? match?.[2] ?? "").toLowerCase();
}

/**
 * Programs send neither header. Our own pages have the same origin; every other page, even from another port of this
 * machine, needs the operator's permission.
 */
function isOurOrigin(request: Request, config: ServerConfig): boolean {
  const origin = request.headers.get("origin");
  if (origin !== null) {
    return isAllowedOrigin(origin, config) || isSameOrigin(origin, request.headers.get("host"));
  }
  const site = request.headers.get("sec-fetch-site");
  return site === null || site === "same-origin" || site === "none";
}

function isSameOrigin(origin: string, host: string | null): boolean {
  return host !== null && /^https?:\/\//.test(origin) && origin.replace(/^https?:\/\//, "") === host;
}

function needsNoKey(request: Request): boolean {
  if (request.method === "OPTIONS") return true;
  return isOpen(request.method, URL.parse(request.url, "http://localhost")?.pathname ?? "");
}

/** `x-api-key` takes precedence over `Authorization`, as in Anthropic's API. */
function sentKey(headers: Headers): string {
  const bearer = /^Bearer\s+(.+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  // Users set one of the two variables to an empty value; the SDK then sends its header empty.
  return headers.get("x-api-key") || bearer || "";
}

/** Compares hashes: their equal length makes a constant-time comparison possible. */
function createKeyCheck(key: string): (sent: string) => boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  const expected = digest(key);
  return (sent) => timingSafeEqual(digest(sent), expected);
}
