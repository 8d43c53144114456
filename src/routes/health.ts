/** Liveness: the process answers. Nothing here calls the backend. */

export function answerHealth(): Response {
  return Response.json({ status: "ok" });
}

/** Claude Code opens a connection before its first request; any quick answer will do. */
export function answerProbe(): Response {
  return new Response(null, { status: 200 });
}
