/** Servers close idle connections; a request that meets a closed one must not fail. */
import { afterEach, expect, test } from "bun:test";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { encodeStream, text, upstreamKey } from "../support/fake-upstream.ts";
import { hearsRefusal } from "../support/program.ts";
import { ask, startProxy, type TestProxy } from "../support/proxy.ts";

type Stale = {
  readonly url: string;
  readonly served: () => number;
  readonly broken: () => number;
  stop(): void;
};

let proxy: TestProxy | undefined;
let backend: Stale | undefined;
afterEach(async () => {
  await proxy?.close();
  backend?.stop();
});

/** Answers the first request of every connection, and `meets` whatever comes on it later. */
async function startStaleBackend(meets: (socket: Socket) => void): Promise<Stale> {
  const seen = new WeakSet<Socket>();
  let served = 0;
  let broken = 0;
  function answer({ socket, url = "" }: IncomingMessage, response: ServerResponse): void {
    if (!url.includes("chat")) {
      response.writeHead(404, { connection: "close" }).end();
    } else if (seen.has(socket)) {
      broken += 1;
      meets(socket);
    } else {
      seen.add(socket);
      served += 1;
      const body = encodeStream(text("Here."), true);
      // Late enough that requests which come together each need a connection of their own.
      setTimeout(() => response.writeHead(200, { "content-type": "text/event-stream" }).end(body), 50);
    }
  }
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("Start the stale backend: it has no port");
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    served: () => served,
    broken: () => broken,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const kinds: [name: string, meets: (socket: Socket) => void][] = [
  ["closed", (socket) => socket.destroy()],
  ["reset", (socket) => socket.resetAndDestroy()],
];

for (const [name, meets] of kinds) {
  test.skipIf(!hearsRefusal)(
    `requests on idle connections that the backend has ${name} are still answered`,
    async () => {
      backend = await startStaleBackend(meets);
      proxy = await startProxy(text("unused"), {
        config: { backend: { baseUrl: backend.url, apiKey: upstreamKey } },
      });
      const { post } = proxy;
      // One alone may meet all the connections that six have left, one after another.
      for (const together of [6, 1, 6, 6]) {
        const asked = Array.from({ length: together }, (_, i) => post(ask({ stream: i % 2 === 0 })));
        for (const response of await Promise.all(asked)) {
          expect(response.status).toBe(200);
          expect(await response.text()).toContain("Here.");
        }
      }
      expect(backend.served()).toBe(19);
      expect(backend.broken()).toBeGreaterThan(0);
    },
  );
}
