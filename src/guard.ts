/**
 * Decides which requests are let in. A server on localhost that has a key can be reached by every web page and every
 * DNS name the user meets. Browsers set `Host`, `Origin` and `Sec-Fetch-Site` truthfully, so these are checked.
 */

import { digestKey } from "./config/client-keys.ts";
import type { Config } from "./config/read-config.ts";
import { isAllowedOrigin } from "./cors.ts";
import { ProxyError } from "./errors.ts";
import type { KeyHeader } from "./journey/read-caller.ts";
import { isLoopback } from "./lib/host.ts";
import type { Route } from "./routes/endpoints.ts";
import { createPageSessions, type Guest } from "./routes/page-session.ts";

/**
 * Not in Anthropic's words, `invalid x-api-key`: Claude Code shows them as a missing login and hides the rest (seen in
 * 2.1.332).
 */
function describeWrongKey(variable: string, sent: readonly unknown[]): string {
  return `Cannot let the client in: its key is ${sent.length === 0 ? "missing" : "not this proxy's"}; give the client ${
    variable === "CLIENT_KEYS" ? "a key of the proxy's CLIENT_KEYS" : `the value of the proxy's ${variable}`
  }`;
}

type ServerConfig = Pick<Config, "backend" | "backends"> & {
  readonly server: Pick<
    Config["server"],
    "host" | "clientKey" | "clients" | "metricsKey" | "allowedHosts" | "allowedOrigins"
  >;
};

type Visitor = {
  readonly request: Request;
  readonly route: Pick<Route, "open" | "spends" | "monitors" | "page">;
  /** The address of the other end of the connection, if it is known. */
  readonly address: string | undefined;
};

/** @throws ProxyError `permission`, `unsupported-media-type` or `authentication` */
export type Guard = (visitor: Visitor) => Admitted;

type Admitted = Guest & {
  /** The headers that hold a key of this proxy. */
  readonly keyHeaders?: readonly KeyHeader[];
};

/**
 * Makes the check that every request passes once its route is known and before anything of its body is read. It looks
 * at the Host, then where the request comes from, then the type of its body, then the key; the first that is wrong is
 * what the client hears about.
 */
export function createGuard(config: ServerConfig): Guard {
  const { metricsKey } = config.server;
  /** Whether some backend is for the client's own key, which may come beside a key of ours. */
  const takesCallersKey = config.backends.some((backend) => backend.takesCallersKey);
  const isOurName = createHostCheck(config.server);
  const findClient = createClientSearch(config.server);
  const sessions = createPageSessions(config);
  const isMetricsKey = metricsKey === undefined ? undefined : createKeyCheck(metricsKey);
  return ({ request, route, address }) => {
    const { headers } = request;
    const name = hostName(headers.get("host") ?? "");
    if (!isOurName(name)) {
      throw new ProxyError(
        "permission",
        `The Host header "${name}" does not name this server; use 127.0.0.1, or add the name to ALLOWED_HOSTS`,
      );
    }
    if (!isOurOrigin(request, config)) {
      throw new ProxyError(
        "permission",
        "Web pages of other origins may not call this server; add the origin to ALLOWED_ORIGINS",
      );
    }
    if (request.method === "POST") checkBodyType(headers);
    if (route.open) return {};
    if (route.monitors && isMetricsKey) {
      const sent = listSentKeys(headers);
      const key = sent[0]?.key ?? "";
      const client = isMetricsKey(key) ? {} : findClient?.(key);
      if (!client) throw new ProxyError("authentication", describeWrongKey("METRICS_KEY", sent));
      return client;
    }
    if (findClient) {
      const sent = listSentKeys(headers);
      // Beside a key of ours there may be one of the client's own, where a backend takes it.
      const ours = sent.filter((one) => findClient(one.key));
      const first = takesCallersKey ? ours[0] : ours.find((one) => one === sent[0]);
      const keyed = first && findClient(first.key);
      if (keyed) return { ...keyed, keyHeaders: ours.map(({ header }) => header) };
      const client = route.page && sent.length === 0 ? sessions.find(headers) : undefined;
      if (client) return client;
      const { clientKey } = config.server;
      const variable = clientKey === undefined ? "CLIENT_KEYS" : "ANTHROPIC_API_KEY";
      throw new ProxyError("authentication", describeWrongKey(variable, sent));
    }
    if (route.spends && !isFromThisMachine(address)) {
      throw new ProxyError(
        "permission",
        "Without a client key, only this machine may use this endpoint; set ANTHROPIC_API_KEY",
      );
    }
    return {};
  };
}

/** Finds whose key it is. Undefined if everyone is let in. */
function createClientSearch({
  clientKey,
  clients,
}: Pick<ServerConfig["server"], "clientKey" | "clients">): ((key: string) => Guest | undefined) | undefined {
  const isUnnamed = clientKey === undefined ? undefined : createKeyCheck(clientKey);
  if (clients.keys.length === 0) return isUnnamed && ((key) => (isUnnamed(key) ? {} : undefined));
  // How long it takes to find a hash tells nothing about the keys.
  const guests = new Map<string, Guest>(clients.keys.map(({ digest, name }) => [digest, { name }]));
  return (key) => (isUnnamed?.(key) ? {} : guests.get(digestKey(key)));
}

/** The name in `Host` is what stops DNS rebinding, together with the origin. A port may have been mapped. */
function createHostCheck({ host, allowedHosts }: ServerConfig["server"]): (name: string) => boolean {
  const own = host.toLowerCase();
  const known = new Set(["127.0.0.1", "localhost", "::1", own, ...allowedHosts]);
  if (isLoopback(own)) return (name) => known.has(name);
  // Deliberately bound to the network: every name that public DNS cannot point here.
  return (name) => known.has(name) || isIpLiteral(name) || isLocalName(name);
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

/**
 * A page may send other types to any server without asking first. Programs that name no type mean JSON.
 * @throws ProxyError `unsupported-media-type`
 */
function checkBodyType(headers: Headers): void {
  const type = headers.get("content-type") ?? "";
  if (type !== "" && !/^application\/json\s*(?:;|$)/i.test(type))
    throw new ProxyError(
      "unsupported-media-type",
      "Cannot read the body: its content-type is not application/json; send content-type: application/json",
    );
  const coding = headers.get("content-encoding") ?? "";
  if (coding !== "" && coding.toLowerCase() !== "identity")
    throw new ProxyError(
      "unsupported-media-type",
      "Cannot read the body: it is compressed; send it without a content-encoding",
    );
}

/** A server that listens for IPv6 too sees IPv4 addresses in their mapped form. */
function isFromThisMachine(address: string | undefined): boolean {
  return address !== undefined && isLoopback(address.replace(/^::ffff:/i, ""));
}

/**
 * `x-api-key` comes first, as in Anthropic's API. The other header may have a login of the client's own, for a backend
 * that takes it.
 */
function listSentKeys(headers: Headers): { readonly header: KeyHeader; readonly key: string }[] {
  const bearer = /^Bearer\s+(.+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  const sent = [
    { header: "x-api-key", key: headers.get("x-api-key") },
    { header: "authorization", key: bearer },
  ] as const;
  // Users set one of the two variables to an empty value; the SDK then sends its header empty.
  return sent.flatMap(({ header, key }) => (key ? [{ header, key }] : []));
}

/** Compares hashes: their equal length makes a constant-time comparison possible. */
function createKeyCheck(key: string): (sent: string) => boolean {
  const digest = (text: string) => Bun.CryptoHasher.hash("sha256", text);
  const expected = digest(key);
  return (sent) => crypto.timingSafeEqual(digest(sent), expected);
}
