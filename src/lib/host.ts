/** Host names and addresses. */

/** Whether a server that listens on this host can be reached only from this machine. */
export function isLoopback(host: string): boolean {
  return /^(localhost|\[?::1\]?|127(\.\d{1,3}){3})$/i.test(host);
}

/** Whether a host is this machine or in its own network, as far as its name or address says. */
export function isNearby(host: string): boolean {
  return (
    isLoopback(host) ||
    /^(?:10|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.[\d.]+$/.test(
      host,
    ) ||
    /^\[?f[cd][\da-f]{2}:/i.test(host) ||
    /^[\w-]+$/.test(host) ||
    /\.(?:local|lan|internal|localhost)$/i.test(host)
  );
}

/**
 * A `NO_PROXY` list with this machine's own names added, because programs send loopback requests to `HTTP_PROXY` too.
 */
export function addLoopback(noProxy: string | undefined): string {
  if (noProxy?.trim() === "*") return noProxy;
  return [...(noProxy ? [noProxy] : []), "127.0.0.1", "localhost", "::1"].join(",");
}

/** The URL of a server that listens on a host, for clients on this machine. */
export function urlFor(host: string, port: number): string {
  if (host === "0.0.0.0" || host === "::") return `http://127.0.0.1:${port}`;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
