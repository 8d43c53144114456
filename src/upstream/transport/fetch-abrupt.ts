/**
 * A `fetch` for backends that close the connection without the last chunk of the body. Bun's own loses the bytes that
 * arrive together with the close (1.4.5: nearly every short answer), and a lost answer is paid for twice. `node:http`
 * hands them on. It is slower, so it serves only those backends.
 */
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

type AbruptRequest = {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
};

/**
 * The answer, whose body gives all that was received before it fails. Rejects as `fetch` does: with the error of the
 * connection, or for a redirect.
 */
export function fetchAbrupt(
  url: string,
  { method, headers, body, signal }: AbruptRequest,
): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const request = url.startsWith("https:") ? requestHttps : requestHttp;
  const outgoing = request(url, { method, headers, signal, agent: false }, (incoming) => {
    const { statusCode: status = 0 } = incoming;
    if (status >= 300 && status < 400) {
      outgoing.destroy();
      reject(Object.assign(new Error("The backend redirects"), { code: "UnexpectedRedirect" }));
    } else resolve(new Response(readBody(incoming), { status, headers: readHeaders(incoming) }));
  });
  outgoing.on("error", reject);
  outgoing.end(body);
  return promise;
}

function readHeaders({ headersDistinct }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct))
    for (const value of values) headers.append(name, value);
  return headers;
}

/** Bytes that may wait to be read before the backend is slowed down. */
const maxWaiting = 1024 * 1024;

/** An error of a stream would discard what waits in it, so it is held back until all has been taken. */
function readBody(incoming: IncomingMessage): ReadableStream<Uint8Array<ArrayBuffer>> {
  const waiting: Uint8Array<ArrayBuffer>[] = [];
  let outcome: { readonly error?: unknown } | undefined;
  let wake = () => {};
  let size = 0;
  incoming.on("data", (bytes: Buffer) => {
    waiting.push(Uint8Array.from(bytes));
    size += bytes.length;
    // What a paused stream holds back is lost when the connection is closed.
    if (size > maxWaiting) incoming.pause();
    wake();
  });
  incoming.on("end", () => {
    outcome ??= {};
    wake();
  });
  incoming.on("error", (error) => {
    outcome ??= { error };
    wake();
  });
  incoming.on("close", () => {
    outcome ??= {
      error: Object.assign(new Error("The connection was closed"), { code: "ConnectionClosed" }),
    };
    wake();
  });
  return new ReadableStream({
    async pull(controller) {
      while (waiting.length === 0 && !outcome) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
      const bytes = waiting.shift();
      if (bytes) {
        size -= bytes.length;
        if (size <= maxWaiting) incoming.resume();
        controller.enqueue(bytes);
      } else if (outcome && "error" in outcome) controller.error(outcome.error);
      else controller.close();
    },
    cancel: () => void incoming.destroy(),
  });
}
