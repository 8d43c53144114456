/** Describes the server and its configuration, for a person who opens its address. */

import { listBackendStates } from "../journey/list-backend-states.ts";
import type { Services } from "../journey/services.ts";
import { quirksAt } from "../plan/create-sites.ts";
import { name, version } from "../version.ts";

export function answerRoot(services: Services, endpoints: readonly string[]): Response {
  const { config, sites, routes } = services;
  return Response.json({
    name,
    version,
    endpoints,
    config: {
      backend: config.backend.baseUrl,
      dialect: quirksAt(sites.default).name,
      api_key: mask(config.backend.apiKey),
      client_key: mask(config.server.clientKey),
      clients: [...new Set(config.server.clients.keys.map(({ name }) => name))],
      azure_api_version: config.backend.azureApiVersion ?? null,
      custom_headers: Object.keys(config.backend.customHeaders),
      models: config.models,
      routes: Object.fromEntries(routes.list().map(({ key, targets }) => [key, targets])),
      max_tokens_limit: config.limits.maxTokens,
      min_tokens_limit: config.limits.minTokens,
      request_timeout_seconds: config.backend.requestTimeout ?? null,
      prompt_compression: config.compression.mode,
    },
    backends: listBackendStates(services),
  });
}

function mask(secret: string | undefined): string | null {
  return secret === undefined ? null : "***";
}
