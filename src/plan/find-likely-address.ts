/** What an address was probably meant to be, when no API is found there. */
import type { Backend } from "./create-backend.ts";

/** What people copy together with the address, from an example of one request. */
const endpoints = /(?:\/(?:chat\/completions|completions|responses|messages|embeddings|models))+$/;

/**
 * The address with the version that is often left out, once instead of twice, in a small letter, and without an endpoint
 * behind it.
 * Undefined if it is so already, or if it is no address of an API at all.
 */
export function findLikelyAddress(baseUrl: string): string | undefined {
  const url = URL.parse(baseUrl);
  // Whoever writes a query knows the address.
  if (url?.search !== "") return undefined;
  const given = url.pathname.replace(/\/+$/, "");
  const path = given
    .replace(endpoints, "")
    .replace(/\/V(?=\d)/g, "/v")
    .replace(/(\/v\d+)\1+$/, "$1");
  const likely = /\/v\d/.test(path) ? path : `${path}/v1`;
  return likely === given ? undefined : url.origin + likely;
}

export type AddressedBackend = Pick<Backend, "modelsUrl" | "settings">;

/** The same for a backend, as what to do. Its address may have been completed: what counts is where requests go. */
export function suggestAddress({ modelsUrl, settings }: AddressedBackend): string | undefined {
  const likely = findLikelyAddress(modelsUrl.replace(/\/models$/, ""));
  return likely === undefined ? undefined : `set ${settings.address} to ${likely}`;
}

/** What to do when there is certainly no API, even if the address looks right. */
export function adviseAddress(backend: AddressedBackend): string {
  return (
    suggestAddress(backend) ??
    `set ${backend.settings.address} to the address of the API, which usually ends in /v1`
  );
}
