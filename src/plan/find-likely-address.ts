/** What an address was probably meant to be, when no API is found there. */
import type { Backend } from "./create-backend.ts";

/** What people copy along with the address, from the example of a request. */
const endpoints = /(?:\/(?:chat\/completions|completions|responses|messages|embeddings|models))+$/;

/**
 * The address without an endpoint behind it, and with its version once and in a small letter: it is often left out, or
 * there twice. Undefined if that changes nothing, or if the address cannot be read.
 */
export function findLikelyAddress(baseUrl: string): string | undefined {
  const url = URL.parse(baseUrl);
  // An address with a query is surely meant as it is.
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

/** The same for a backend, as advice. Its address may have been completed, so what counts is where requests go. */
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
