/** `GET /metrics`, for Prometheus and everything that reads its formats. */
import type { RequestContext, Services } from "../journey/services.ts";
import { chooseExposition, contentTypes, writeExposition } from "../telemetry/write-exposition.ts";

export function answerMetrics(
  { request }: Pick<RequestContext, "request">,
  { metrics }: Pick<Services, "metrics">,
): Response {
  const format = chooseExposition(request.headers.get("accept") ?? "");
  return new Response(writeExposition(metrics.list(), format), {
    headers: { "content-type": contentTypes[format], vary: "accept" },
  });
}
