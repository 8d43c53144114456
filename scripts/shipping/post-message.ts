/**
 * Asks a running program what its first users ask.
 *
 * @param url of the program
 * @param content of the one message
 */
export function postMessage(
  url: string,
  stream: boolean,
  content: string | object[] = "Hello",
): Promise<Response> {
  return fetch(`${url}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", "anthropic-version": "2023-06-01" },
    body: JSON.stringify({
      model: "claude-sonnet-4-6",
      max_tokens: 256,
      stream,
      messages: [{ role: "user", content }],
    }),
  });
}
