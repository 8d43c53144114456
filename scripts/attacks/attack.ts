/**
 * Room `scripts/attacks/`: hostile input and load for `./scripts/stress`, each with what a proxy must keep to. Not here:
 * what a fast test can show, which is in `test/`.
 *
 * An attack, and what it needs.
 */
import { startTarget, type Target } from "./target.ts";

export type Attack = {
  readonly name: string;
  /** What is done, in numbers. */
  readonly load: string;
  /** Does it. Throws Error if something broke; returns what was measured. */
  readonly run: (scene: Scene) => Promise<string>;
};

/** A proxy of its own for each attack, before the hostile backend. */
export type Scene = {
  readonly proxy: Target;
  readonly backend: Target;
};

const here = (path: string): string => new URL(path, import.meta.url).pathname;

export async function openScene(env: Readonly<Record<string, string>>): Promise<Scene & AsyncDisposable> {
  const backend = await startTarget([here("backend.ts")]);
  const proxy = await startTarget([here("../../src/main.ts"), "serve"], {
    OPENAI_API_KEY: "sk-stress",
    OPENAI_BASE_URL: `${backend.url}/v1`,
    HOST: "127.0.0.1",
    PORT: "0",
    LOG_LEVEL: "ERROR",
    ...env,
  });
  return {
    proxy,
    backend,
    async [Symbol.asyncDispose]() {
      await proxy.stop();
      await backend.stop();
    },
  };
}

/** A proxy that only copies bytes, before the same backend. */
export function startPullProxy({ backend }: Scene): Promise<Target> {
  return startTarget([here("pull-proxy.ts"), backend.url]);
}

/** @throws Error if it is not so */
export function must(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

/** A request whose model tells the backend what to do. */
export function question(model: string, changes: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    model,
    max_tokens: 100,
    stream: true,
    messages: [{ role: "user", content: "Hello" }],
    ...changes,
  });
}

/** Asks, and reads the answer to its end. */
export async function ask({ url }: Target, body: string): Promise<{ status: number; text: string }> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}/v1/messages`, { method: "POST", headers, body });
  return { status: response.status, text: await response.text() };
}
