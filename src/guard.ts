/**
 * Who may come in. A server on localhost that holds a key is within reach of every web page and every DNS name
 * the user meets; browsers tell the truth in `Host`, `Origin` and `Sec-Fetch-Site`, so that is what we ask.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Config } from "./config/read-config.ts";
import { ProxyError } from "./errors.ts";
import { isLoopback } from "./lib/host.ts";

type ServerConfig = { readonly server: Pick<Config["server"], "host" | "clientKey" | "allowedOrigins"> };

/** Anthropic's own limit. */
const maxBodyBytes = 32 * 1024 * 1024;

/** Paths that tell nothing about the user, asked by monitors and by Claude Code's start without a key. */
const openPaths: Readonly<Record<string, readonly string[]>> = {
  "/health": ["GET", "HEAD"],
  "/": ["HEAD"],
  "/api/hello": ["HEAD"],
};

/**
 * Makes the check that every request passes first.
 * The check throws ProxyError `permission` for a wrong Host or Origin, `authentication` for a wrong client key.
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
        `Check the Host header: "${name}" is not a name of this server; use 127.0.0.1, or set ANTHROPIC_API_KEY`,
      );
    }
    if (!isOurOrigin(request, config)) {
      throw new ProxyError(
        "permission",
        "Check the Origin header: web pages of other sites may not call this server",
      );
    }
    if (isClientKey && !needsNoKey(request) && !isClientKey(sentKey(request.headers))) {
      throw new ProxyError("authentication", "invalid x-api-key: send the ANTHROPIC_API_KEY of this proxy");
    }
  };
}

/** Without a client key the name in `Host` is the only thing that stops DNS rebinding. */
function createHostCheck(bindHost: string): (name: string) => boolean {
  const own = bindHost.toLowerCase();
  const loopback = new Set(["127.0.0.1", "localhost", "::1", own]);
  if (isLoopback(own)) return (name) => loopback.has(name);
  // Bound to the network on purpose: every name that public DNS cannot point here.
  return (name) => loopback.has(name) || isIpLiteral(name) || isLocalName(name);
}

function isIpLiteral(name: string): boolean {
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(name) || /^[\da-f:.]*:[\da-f:.]*$/.test(name);
}

/** Single labels (`proxy` in a container network) and the suffixes that are reserved for local use. */
function isLocalName(name: string): boolean {
  return /^[\w-]+$/.test(name) || /^[\w.-]+\.(?:local|internal|localhost)$/.test(name);
}

/** The name in a Host header, lower-case, without port and brackets; empty when it is none. */
function hostName(host: string): string {
  const match = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(host);
  return (match?.[1] ?? match?.[2] ?? "").toLowerCase();
}

/**
 * Programs send neither header. Our own pages are the same origin; every other page, one of another port of this
 * machine included, needs the operator's leave.
 */
function isOurOrigin(request: Request, config: ServerConfig): boolean {
  const origin = request.headers.get("origin");
  if (origin !== null) {
    return isAllowedOrigin(origin, config) || isSameOrigin(origin, request.headers.get("host"));
  }
  const site = request.headers.get("sec-fetch-site");
  return site === null || site === "same-origin" || site === "none";
}

function isAllowedOrigin(origin: string, config: ServerConfig): boolean {
  return config.server.allowedOrigins.includes(origin);
}

function isSameOrigin(origin: string, host: string | null): boolean {
  return host !== null && /^https?:\/\//.test(origin) && origin.replace(/^https?:\/\//, "") === host;
}

function needsNoKey(request: Request): boolean {
  if (request.method === "OPTIONS") return true;
  const pathname = URL.parse(request.url, "http://localhost")?.pathname ?? "";
  const path = pathname.replace(/\/+$/, "") || "/";
  return openPaths[path]?.includes(request.method) ?? false;
}

/** `x-api-key` counts before `Authorization`, as it does at Anthropic. */
function sentKey(headers: Headers): string {
  const bearer = /^Bearer\s+(.+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  // Users set one of the two variables to nothing; the SDK then sends its header empty.
  return headers.get("x-api-key") || bearer || "";
}

/** Compares hashes, whose equal length lets the comparison take equal time. */
function createKeyCheck(key: string): (sent: string) => boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  const expected = digest(key);
  return (sent) => timingSafeEqual(digest(sent), expected);
}

/**
 * The whole body as text.
 * @throws ProxyError `request-too-large` as soon as the size is known to exceed the limit
 */
export async function readBody(request: Request, limitBytes: number = maxBodyBytes): Promise<string> {
  const length = request.headers.get("content-length");
  if (length !== null && Number(length) > limitBytes) throw tooLarge(limitBytes);
  try {
    // The server reads no more than the length announced, so there is nothing to count.
    if (length !== null && !request.headers.has("transfer-encoding")) return await request.text();
    return await readCounting(request.body, limitBytes);
  } catch (thrown) {
    if (thrown instanceof ProxyError) throw thrown;
    throw new ProxyError("invalid-request", "Read the body: the connection ended before it was whole", {
      cause: thrown,
    });
  }
}

async function readCounting(body: ReadableStream<Uint8Array> | null, limitBytes: number): Promise<string> {
  if (!body) return "";
  const parts: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop by an exception cancels the stream.
  for await (const part of body) {
    size += part.length;
    if (size > limitBytes) throw tooLarge(limitBytes);
    parts.push(part);
  }
  return new TextDecoder().decode(Buffer.concat(parts));
}

function tooLarge(limitBytes: number): ProxyError {
  const limit =
    limitBytes >= 1024 * 1024 ? `${Math.floor(limitBytes / 1024 / 1024)} MB` : `${limitBytes} bytes`;
  return new ProxyError("request-too-large", `Request too large: the body may have at most ${limit}`);
}

const exposedHeaders = [
  "request-id",
  "retry-after",
  "x-should-retry",
  ...["requests", "tokens", "input-tokens", "output-tokens"].flatMap((what) =>
    ["limit", "remaining", "reset"].map((field) => `anthropic-ratelimit-${what}-${field}`),
  ),
].join(", ");

/** Headers that let an allowed page read the answer; none for every other request. */
export function corsHeaders(request: Request, config: ServerConfig): Record<string, string> {
  const origin = request.headers.get("origin");
  if (origin === null || !isAllowedOrigin(origin, config)) return {};
  return {
    "access-control-allow-origin": origin,
    "access-control-expose-headers": exposedHeaders,
    vary: "origin",
  };
}

/** The answer to `OPTIONS`: 204 for a page the operator allowed, a bare 403 for everybody else. */
export function preflight(request: Request, config: ServerConfig): Response {
  const cors = corsHeaders(request, config);
  if (!("access-control-allow-origin" in cors)) return new Response(null, { status: 403 });
  const wanted = request.headers.get("access-control-request-headers");
  return new Response(null, {
    status: 204,
    headers: {
      ...cors,
      vary: "origin, access-control-request-headers",
      "access-control-allow-methods": "GET, POST, HEAD, OPTIONS",
      ...(wanted !== null && { "access-control-allow-headers": wanted }),
      "access-control-max-age": "600",
    },
  });
}
