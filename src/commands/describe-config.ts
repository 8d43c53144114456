/** `config`: what is in force, and where each value comes from. */
import type { ListedSetting } from "../config/read-config.ts";

/** Lines of a table; secrets are hidden already. */
export function describeConfig(settings: readonly ListedSetting[]): string[] {
  const width = Math.max(...settings.map(({ name }) => name.length));
  const valueWidth = Math.min(48, Math.max(...settings.map(({ value }) => value.length)));
  return settings.map(
    ({ name, value, origin }) => `${name.padEnd(width)}  ${value.padEnd(valueWidth)}  ${origin}`,
  );
}

export function writeConfigJson(settings: readonly ListedSetting[]): string {
  return JSON.stringify(settings);
}
