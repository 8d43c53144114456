/**
 * Room `scripts/benchmark/`: what stands on both sides of the proxy when it is measured, and what it is measured
 * against. Not here: what is measured, which is in `scripts/bench.ts`.
 *
 * What is sent through each target.
 */

/** What a backend does, by the model that is asked for: each chunk in a write, 16 in one, a call, or one every 20 ms. */
export type Workload = "text" | "sixteen" | "tools" | "paced";

export const burstChunks = 400;
/** One every 20 ms: a second. */
export const pacedChunks = 50;

const words = "The quick brown fox jumps over the lazy dog. ";

/** A request of about `size` bytes: a few messages, or pictures from a megabyte on. */
export function makeRequest(model: Workload, size: number, stream = true): string {
  const isBig = size > 1_000_000;
  const pictures = Array.from({ length: isBig ? 4 : 0 }, () => ({
    type: "image",
    source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgoAAAAN".repeat(size / 64) },
  }));
  const text = words.repeat(Math.max(1, (isBig ? 1000 : size / 20) / words.length));
  const messages = Array.from({ length: isBig || size < 10_000 ? 1 : 19 }, (_, i) => ({
    role: i % 2 === 0 ? "user" : "assistant",
    content: i === 0 ? [{ type: "text", text }, ...pictures] : text,
  }));
  return JSON.stringify({ model, max_tokens: 1000, stream, system: text, messages });
}

/** When a chunk is sent, as a word in its text, ms. */
export const writeStamp = () => `@${(performance.timeOrigin + performance.now()).toFixed(3)}@`;

/** How long ago the chunks in a text were sent, ms. */
export function readDelays(text: string): number[] {
  const now = performance.timeOrigin + performance.now();
  return [...text.matchAll(/@([\d.]+)@/g)].map(([, sent]) => now - Number(sent));
}
