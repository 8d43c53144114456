import { statusOf, typeOf } from "../anthropic/write-error.ts";
import type { ProxyError } from "../errors.ts";
import { describeThrown, type Log } from "./log.ts";

/** Logs a request that was refused before the backend was asked. A wrong key is worth a look: it may be a stranger's. */
export function logRefusal(
  log: Log,
  {
    request,
    requestId,
    clientName,
  }: { readonly request: Request; readonly requestId: string; readonly clientName?: string | undefined },
  error: ProxyError,
): void {
  const fields = {
    id: requestId,
    method: request.method,
    path: URL.parse(request.url)?.pathname,
    client: request.headers.get("user-agent") ?? undefined,
    client_name: clientName,
    status: statusOf(error),
    error_type: typeOf(error),
    error: error.message,
  };
  if (error.kind === "internal") {
    const cause = error.cause === undefined ? undefined : describeThrown(error.cause);
    log.error("Request failed", { ...fields, cause });
  } else if (error.kind === "authentication") log.warning("Request refused", fields);
  else log.info("Request refused", fields);
}
