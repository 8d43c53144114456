/**
 * Server-sent events: bytes to frames. Knows the format and the ways servers bend it, no domain.
 */

/** One event. `event` is empty where the server named none. */
export type SseFrame = { readonly event: string; readonly data: string };
