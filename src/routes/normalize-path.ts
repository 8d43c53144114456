/** The path that a client means: base URLs are written with and without `/v1`, and with slashes at their ends. */

/** The endpoints that are also served without `/v1`: the AI SDK's base URL contains it by default. */
const versioned = /^\/(?:messages|models)(?=\/|$)/;

export function normalizePath(pathname: string): string {
  const path = pathname.replace(/\/+$/, "").replace(/^\/+/, "/");
  return (
    path
      .replace(/^(?:\/v1\/+)+(?=v1\/)/, "/")
      .replace(/^\/v1\/\/+/, "/v1/")
      .replace(versioned, "/v1$&") || "/"
  );
}
