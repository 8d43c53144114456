/**
 * Lets a browser in that has once sent a key: with a cookie that no script can read, that no other site can send, and
 * that opens only the page. It is no key: it says until when it is good and for whom, sealed with a secret that all
 * processes of a proxy have, and that changes with its keys.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Config } from "../config/read-config.ts";

/** Who was let in. */
export type Guest = {
  /** The name that belongs to the key, if it has one. */
  readonly name?: string;
};

type PageSessions = {
  /** The value of a `Set-Cookie` header. */
  open(guest: Guest, isSecure: boolean): string;
  /** Whose cookie it is; undefined for none, an old one, and one that is not ours. */
  find(headers: Headers): Guest | undefined;
};

const cookieName = "claude_code_proxy";
const lifeSeconds = 7 * 24 * 60 * 60;
const attributes = "Path=/; HttpOnly; SameSite=Strict";

/** The value of a `Set-Cookie` header that takes the cookie away. */
export const closingCookie = `${cookieName}=; ${attributes}; Max-Age=0`;

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
    createHmac("sha256", secret).update(`page session: ${text}`).digest("base64url");
  return {
    open({ name }, isSecure) {
      const until = Math.floor(now() / 1000) + lifeSeconds;
      const text = `${until}.${Buffer.from(name ?? "").toString("base64url")}`;
      const secure = isSecure ? "; Secure" : "";
      return `${cookieName}=${text}.${seal(text)}; ${attributes}; Max-Age=${lifeSeconds}${secure}`;
    },
    find(headers) {
      const cookie = headers.get("cookie");
      if (cookie === null) return undefined;
      const [, text, until, name = "", sealed = ""] =
        /(?:^|;\s*)claude_code_proxy=((\d{1,12})\.([\w-]*))\.([\w-]{43})(?:;|$)/.exec(cookie) ?? [];
      if (text === undefined || Number(until) * 1000 < now()) return undefined;
      if (!timingSafeEqual(Buffer.from(sealed), Buffer.from(seal(text)))) return undefined;
      return name === "" ? {} : { name: Buffer.from(name, "base64url").toString() };
    },
  };
}
