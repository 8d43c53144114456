/** The settings that are not defaults, and what is odd about them. */
import type { ListedSetting } from "../../config/read-config.ts";
import { bad, type Finding, good } from "./finding.ts";

/** @param warnings what the reading of the configuration has found, such as names that look misspelled */
export function checkSettings(settings: readonly ListedSetting[], warnings: readonly string[]): Finding[] {
  return [
    ...settings
      .filter(({ origin }) => origin !== "default")
      .map(({ name, value, origin }) => good("settings", `${name}=${value} (${origin})`)),
    ...warnings.map((words) => bad("settings", words, "correct this, or remove it")),
  ];
}
