/**
 * Decodes a compressed answer. The proxy asks for none, and some servers send one all the same. Bun's fetch would
 * decode it without any bound: some hundred kilobytes become gigabytes.
 */
import { type ErrorDetails, ProxyError } from "../../errors.ts";
import { readErrorCode } from "../../lib/read-error-code.ts";

/** Content encodings, by the names that `DecompressionStream` has for them. */
const formats = new Map([
  ["gzip", "gzip"],
  ["x-gzip", "gzip"],
  ["deflate", "deflate"],
  ["br", "brotli"],
  ["zstd", "zstd"],
] as const);

/** Decoded bytes that may come of however few. */
const freeBytes = 1024 * 1024;
/** Above that: decoded bytes of each byte received. Chunks that differ in one word are packed 20 to 60 times. */
const maxRatio = 100;

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * The decoded bytes of a body; the body itself if it is not encoded. The stream fails with a ProxyError `upstream` when
 * the body cannot be decoded, or becomes far more than it was.
 *
 * @throws ProxyError `upstream` for an encoding that is not known
 */
export function decodeBody(
  body: ReadableStream<Bytes>,
  contentEncoding: string | null,
): ReadableStream<Bytes> {
  const name = contentEncoding?.trim().toLowerCase() ?? "";
  if (name === "" || name === "identity") return body;
  const format = [...formats].find(([known]) => known === name)?.[1];
  if (!format) throw unreadable(`its encoding "${name.slice(0, 40)}" is not supported`);
  let received = 0;
  let decoded = 0;
  const reader = body
    .pipeThrough(
      count((size) => {
        received += size;
      }),
    )
    .pipeThrough(new DecompressionStream(format))
    .pipeThrough(
      count((size) => {
        decoded += size;
        if (decoded > freeBytes && decoded > received * maxRatio)
          throw unreadable(`it decodes to more than ${maxRatio} times its size`, { isOurs: true });
      }),
    )
    .getReader();
  return new ReadableStream<Bytes>({
    async pull(controller) {
      const { value, done } = await reader.read().catch((thrown: unknown) => {
        // Errors of the connection have a code, and say more.
        throw thrown instanceof TypeError && readErrorCode(thrown) === undefined
          ? unreadable(`it is not valid ${name}`, { cause: thrown })
          : thrown;
      });
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

function count(see: (size: number) => void): TransformStream<Bytes, Bytes> {
  return new TransformStream({
    transform(bytes, controller) {
      see(bytes.length);
      controller.enqueue(bytes);
    },
  });
}

function unreadable(reason: string, details: ErrorDetails = {}): ProxyError {
  return new ProxyError("upstream", `Cannot read the backend's answer: ${reason}`, details);
}
