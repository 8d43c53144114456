/** Turns a configuration back into the variables that make it. */
import { z } from "zod";
import type { Config } from "../../src/config/read-config.ts";
import { prefixOf, variables } from "../../src/config/variables.ts";

type Parts = Omit<Config, "backends" | "routes" | "configFile" | "secretVariables" | "envFile" | "warnings">;

/** A part of a configuration. */
export type ConfigChanges = { readonly [Part in keyof Parts]?: Partial<Parts[Part]> };

/** Names and texts from which `readConfig` makes these values; none for undefined values. */
export function writeVariables(changes: ConfigChanges): Record<string, string> {
  const parts: Readonly<Record<string, Readonly<Record<string, unknown>>>> = changes;
  return Object.fromEntries(
    variables.flatMap((row): readonly (readonly [string, string])[] => {
      const value = parts[row.place.part]?.[row.place.field];
      const prefix = prefixOf(row);
      if (value === undefined) return [];
      if (row.name === "CLIENT_KEYS") return writeClients(value);
      if (row.name === "MAX_CLIENT_DAILY_COST") return writeLimits(value);
      if (row.name === "OTEL_EXPORTER_OTLP_HEADERS") return [[row.name, writeHeaderList(value)]];
      if (prefix === undefined) return [[row.name, String(value)]];
      return Object.entries(Object(value)).map(([name, text]) => [
        prefix + name.toUpperCase().replaceAll("-", "_"),
        String(text),
      ]);
    }),
  );
}

const clientsSchema = z.object({
  keys: z.array(z.object({ name: z.string(), digest: z.string() })),
  file: z.string().optional(),
});

function writeClients(value: unknown): readonly (readonly [string, string])[] {
  const { keys, file } = clientsSchema.parse(value);
  const text = file ?? keys.map(({ name, digest }) => `${name}:sha256:${digest}`).join(",");
  return text === "" ? [] : [["CLIENT_KEYS", text]];
}

function writeHeaderList(value: unknown): string {
  return Object.entries(Object(value))
    .map(([name, text]) => `${name}=${encodeURIComponent(String(text))}`)
    .join(",");
}

function writeLimits(value: unknown): readonly (readonly [string, string])[] {
  const text = Object.entries(Object(value))
    .map(([name, dollars]) => `${name}:${dollars}`)
    .join(",");
  return text === "" ? [] : [["MAX_CLIENT_DAILY_COST", text]];
}
