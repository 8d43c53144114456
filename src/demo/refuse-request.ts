/** Answers with an error, as OpenAI's API does. */
export function refuseRequest(status: number, message: string): Response {
  return Response.json({ error: { message, type: "invalid_request_error", code: null } }, { status });
}
