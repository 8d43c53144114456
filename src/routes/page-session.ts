/**
 * Lets a browser in that has once sent a key: with a cookie that no script can read, that no other site can send, and
 * that opens only the page. It is no key: it says until when it is good and for whom, sealed with a secret that all
 * processes of a proxy have, and that changes with its keys.
 */
import type { Config } from "../config/read-config.ts";

/** Who was let in. */
export type Guest = {
  /** The name that belongs to the key, if it has one. */
  readonly name?: string;
};

type PageSessions = {
  /**
   * The value of a `Set-Cookie` header.
   * @param headers of the request
   */
  open(guest: Guest, headers: Headers, isSecure: boolean): string;
  /** Whose cookie it is; undefined for none, an old one, and one that is not ours. */
  find(headers: Headers): Guest | undefined;
};

const lifeSeconds = 7 * 24 * 60 * 60;
const attributes = "Path=/; HttpOnly; SameSite=Strict";

/** Cookies are for a host and all of its ports, where other proxies may be; the port is the one that the browser sees. */
function nameCookie(headers: Headers): string {
  const port = /:(\d+)$/.exec(headers.get("host") ?? "")?.[1];
  return port === undefined ? "claude_code_proxy" : `claude_code_proxy_${port}`;
}

/**
 * The value of a `Set-Cookie` header that takes the cookie away.
 * @param headers of the request
 */
export function closeSession(headers: Headers): string {
  return `${nameCookie(headers)}=; ${attributes}; Max-Age=0`;
}

type KeyedConfig = {
  readonly backend: Pick<Config["backend"], "apiKey">;
  readonly server: Pick<Config["server"], "clientKey" | "clients">;
};

/** @param now the current time, ms */
export function createPageSessions(config: KeyedConfig, now: () => number = Date.now): PageSessions {
  const { clientKey, clients } = config.server;
  const secret = JSON.stringify([
    config.backend.apiKey,
    clientKey,
    clients.keys.map(({ name, digest }) => [name, digest]),
  ]);
  const seal = (text: string): string =>
    new Bun.CryptoHasher("sha256", secret).update(`page session: ${text}`).digest("base64url");
  return {
    open({ name }, headers, isSecure) {
      const until = Math.floor(now() / 1000) + lifeSeconds;
      const text = `${until}.${Buffer.from(name ?? "").toString("base64url")}`;
      const secure = isSecure ? "; Secure" : "";
      return `${nameCookie(headers)}=${text}.${seal(text)}; ${attributes}; Max-Age=${lifeSeconds}${secure}`;
    },
    find(headers) {
      const start = `${nameCookie(headers)}=`;
      const cookie = headers
        .get("cookie")
        ?.split(/;\s*/)
        .find((one) => one.startsWith(start));
      const [, text, until, name = "", sealed = ""] =
        /^((\d{1,12})\.([\w-]*))\.([\w-]{43})$/.exec(cookie?.slice(start.length) ?? "") ?? [];
      if (text === undefined || Number(until) * 1000 < now()) return undefined;
      if (!crypto.timingSafeEqual(Buffer.from(sealed), Buffer.from(seal(text)))) return undefined;
      return name === "" ? {} : { name: Buffer.from(name, "base64url").toString() };
    },
  };
}
