/** Host names and addresses. */

/** Whether only this machine can reach a server that listens there. */
export function isLoopback(host: string): boolean {
  return /^(localhost|\[?::1\]?|127(\.\d{1,3}){3})$/i.test(host);
}

/** A `NO_PROXY` list, with this machine's own names added. Programs send loopback to `HTTP_PROXY` as well. */
export function addLoopback(noProxy: string | undefined): string {
  if (noProxy?.trim() === "*") return noProxy;
  return [...(noProxy ? [noProxy] : []), "127.0.0.1", "localhost", "::1"].join(",");
}
