/** A port of 127.0.0.1 that is free now. */
export function findFreePort(): number {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
  const { port } = server;
  server.stop(true);
  if (port === undefined) throw new Error("Cannot find a free port");
  return port;
}
