/** Which web pages may call the proxy from a browser. */
import type { Config } from "./config/read-config.ts";

type CorsConfig = { readonly server: Pick<Config["server"], "allowedOrigins"> };

/** Whether the operator named this origin in `ALLOWED_ORIGINS`. */
export function isAllowedOrigin(origin: string, config: CorsConfig): boolean {
  return config.server.allowedOrigins.includes(origin);
}

const exposedHeaders = [
  "request-id",
  "retry-after",
  "x-should-retry",
  ...["requests", "tokens", "input-tokens", "output-tokens"].flatMap((what) =>
    ["limit", "remaining", "reset"].map((field) => `anthropic-ratelimit-${what}-${field}`),
  ),
].join(", ");

/** Headers that let an allowed page read the answer; undefined for any other request. */
export function corsHeaders(request: Request, config: CorsConfig): Record<string, string> | undefined {
  if (config.server.allowedOrigins.length === 0) return undefined;
  const origin = request.headers.get("origin");
  if (origin === null || !isAllowedOrigin(origin, config)) return undefined;
  return {
    "access-control-allow-origin": origin,
    "access-control-expose-headers": exposedHeaders,
    vary: "origin",
  };
}

/** The answer to `OPTIONS`: 204 for an allowed page, a bare 403 for everyone else. */
export function preflight(request: Request, config: CorsConfig): Response {
  const cors = corsHeaders(request, config);
  if (!cors) return new Response(null, { status: 403 });
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
