/** Liveness: the process answers. Calls nothing. */
export function answerHealth(): Response {
  return Response.json({ status: "ok" });
}
