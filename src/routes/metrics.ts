/** `GET /metrics`, for Prometheus and everything that reads its formats. */
import type { RequestContext, Services } from "../journey/services.ts";
import { mergeMetrics } from "../telemetry/merge-metrics.ts";
import { chooseExposition, contentTypes, writeExposition } from "../telemetry/write-exposition.ts";

export async function answerMetrics(
  { request }: Pick<RequestContext, "request">,
  { peers }: Pick<Services, "peers">,
): Promise<Response> {
  const format = chooseExposition(request.headers.get("accept") ?? "");
  const metrics = mergeMetrics(await peers.gather("metrics"));
  return new Response(writeExposition(metrics, format), {
    headers: { "content-type": contentTypes[format], vary: "accept" },
  });
}
