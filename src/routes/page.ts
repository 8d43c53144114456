/** The page in a browser: its frame, its parts, and the way in. */

import { clientVariables } from "../catalog/claude-code/claude-code.ts";
import { ProxyError } from "../errors.ts";
import type { RequestContext, Services } from "../journey/services.ts";
import { qualityOf } from "../lib/read-accept.ts";
import { pageHeaders, writeLogin, writePage } from "../page/write-page.ts";
import { closeSession, createPageSessions } from "./page-session.ts";

/** Whether the client prefers a page to JSON: a browser does, curl does not. */
export function prefersPage(request: Request): boolean {
  const accept = request.headers.get("accept") ?? "";
  return qualityOf("text/html", accept) > qualityOf("application/json", accept);
}

export function answerPage({ config }: Pick<Services, "config">): Response {
  const { clientKey, clients } = config.server;
  const hasKeys = clientKey !== undefined || clients.keys.length > 0;
  return new Response(writePage({ canLeave: hasKeys, variable: clientVariables.baseUrl }), {
    headers: pageHeaders,
  });
}

/** Instead of the page, for a browser that has no key yet. */
export function answerLogin(): Response {
  return new Response(writeLogin(), { status: 401, headers: pageHeaders });
}

/** @throws ProxyError `not-found` */
export async function answerAsset({ url }: Pick<RequestContext, "url">): Promise<Response> {
  const { assets } = await import("../page/assets.ts");
  const name = url.pathname.slice("/page/parts/".length);
  const asset = Object.hasOwn(assets, name) ? assets[name] : undefined;
  if (!asset)
    throw new ProxyError("not-found", "Cannot show this part of the page: there is no file of that name");
  return new Response(asset.text, {
    headers: {
      "content-type": asset.type,
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
      // Another version has other parts under the same names.
      "cache-control": "no-cache",
    },
  });
}

/** The guard has looked at the key. */
export function answerSignIn(
  { url, request, clientName }: Pick<RequestContext, "url" | "request" | "clientName">,
  { config }: Pick<Services, "config">,
): Response {
  const isSecure = url.protocol === "https:" || request.headers.get("x-forwarded-proto") === "https";
  const guest = clientName === undefined ? {} : { name: clientName };
  const cookie = createPageSessions(config).open(guest, request.headers, isSecure);
  return new Response(null, { status: 204, headers: { "set-cookie": cookie, "cache-control": "no-store" } });
}

export function answerSignOut({ request }: Pick<RequestContext, "request">): Response {
  return new Response(null, { status: 204, headers: { "set-cookie": closeSession(request.headers) } });
}
