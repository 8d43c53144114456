/** Whether the process is alive, and whether it takes new messages. Nothing here calls the backend. */
import type { Services } from "../journey/services.ts";

export function answerHealth(): Response {
  return Response.json({ status: "ok" });
}

/** Claude Code opens a connection before its first request; any quick answer will do. */
export function answerProbe(): Response {
  return new Response(null, { status: 200 });
}

/** 503 from the first signal on, so that a load balancer sends new requests elsewhere while answers finish. */
export function answerReady(_: unknown, { drain }: Pick<Services, "drain">): Response {
  return drain.isStopping
    ? Response.json({ status: "stopping" }, { status: 503 })
    : Response.json({ status: "ready" });
}
