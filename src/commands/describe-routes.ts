/** Where requests go, for people: the backends, and the table of routes in the order of choice. */
import type { Config } from "../config/read-config.ts";
import { createRouting } from "../plan/create-routing.ts";

type Routed = Pick<Config, "backends" | "models" | "routes">;

/** `router (openrouter.ai), local (localhost:11434)`; without its name if there is only one. */
export function describeBackends({ backends }: Routed): string {
  const hosts = backends.map(({ id, baseUrl }) => ({ id, host: new URL(baseUrl).host }));
  return hosts.map(({ id, host }) => (backends.length === 1 ? host : `${id} (${host})`)).join(", ");
}

/** `opus → router@openai/gpt-5.4, else local@qwen3`, one line per route; none if everything goes to one backend. */
export function describeRoutes(config: Routed): string[] {
  if (config.backends.length === 1 && config.routes.length === 0) return [];
  const rows = createRouting(config).routes.list();
  return rows.map(({ key, targets }) => `${key} → ${targets.join(", else ")}`);
}
