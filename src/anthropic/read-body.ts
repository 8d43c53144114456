/** Reads the body of a client's request, up to Anthropic's own size limit. */
import { ProxyError } from "../errors.ts";
import type { Share } from "../lib/budget.ts";
import { raceTimer } from "../lib/race-timer.ts";
import { releaseBytes } from "../lib/release-bytes.ts";
import { type Body, cutAttachments } from "./cut-attachments.ts";

/** Anthropic's own limit. */
const maxBodyBytes = 32 * 1024 * 1024;

type BodyLimits = {
  /** How long the body may take to arrive, ms. */
  readonly withinMs: number;
  readonly limitBytes?: number;
};

/**
 * The whole body.
 * @param memory the body's share of the memory for all bodies; its owner gives it back
 * @throws ProxyError `request-too-large` as soon as the size is known to exceed the limit, `overloaded` if there is no
 * memory for it, `request-too-slow` when it takes too long; after the first and the last the connection must be closed,
 * because the rest of the body may still come
 */
export async function readBody(
  request: Request,
  memory: Share,
  { withinMs, limitBytes = maxBodyBytes }: BodyLimits,
): Promise<Body> {
  const length = request.headers.get("content-length");
  if (length !== null && Number(length) > limitBytes) throw tooLarge(limitBytes);
  // The server reads no more than the announced length, so there is nothing to count.
  const isCounted = length !== null && !request.headers.has("transfer-encoding");
  try {
    if (isCounted) take(memory, Number(length));
    const reading = isCounted ? request.bytes() : readCounting(request.body, memory, limitBytes);
    const body = await raceTimer(reading, withinMs);
    if (body !== undefined) return cut(body);
  } catch (thrown) {
    if (thrown instanceof ProxyError) throw thrown;
    throw new ProxyError(
      "invalid-request",
      "Cannot read the body: the connection ended before all of it arrived",
      {
        cause: thrown,
      },
    );
  }
  throw new ProxyError(
    "request-too-slow",
    `Cannot read the body: it did not arrive within ${Math.ceil(withinMs / 1000)} s; send it again`,
  );
}

function cut(bytes: Uint8Array): Body {
  const body = cutAttachments(bytes);
  // Then both the attachments and the rest are copies.
  if (body.attachments.length > 0) releaseBytes(bytes);
  return body;
}

async function readCounting(
  body: ReadableStream<Uint8Array> | null,
  memory: Share,
  limitBytes: number,
): Promise<Uint8Array> {
  if (!body) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop by an exception cancels the stream.
  for await (const part of body) {
    size += part.length;
    if (size > limitBytes) throw tooLarge(limitBytes);
    take(memory, part.length);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function take(memory: Share, bytes: number): void {
  if (memory.grow(bytes)) return;
  throw new ProxyError(
    "overloaded",
    "Cannot read the body: the requests in progress take all of MAX_BODY_MEMORY; try again soon",
    { retryAfter: 1 },
  );
}

function tooLarge(limitBytes: number): ProxyError {
  const limit =
    limitBytes >= 1024 * 1024 ? `${Math.floor(limitBytes / 1024 / 1024)} MB` : `${limitBytes} bytes`;
  return new ProxyError("request-too-large", `Request too large: the body may have at most ${limit}`);
}
