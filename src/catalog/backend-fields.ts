/** The fields of a request that only some backends know, by their names. A refusal of one of them can be corrected. */
import { knownBackends } from "./backends/known-backends.ts";

const quirks = knownBackends.flatMap(({ quirks, models }) => [
  quirks,
  ...models.map(([, changes]) => changes),
]);

/** Fields that ask for reasoning, without those that limit it. */
export const reasoningFields = listNames(
  quirks.flatMap(({ reasoning = {} }) => [reasoning.on, reasoning.off, reasoning.effort]),
);

/** Fields that limit reasoning, or accompany it or the tools. */
export const extraFields = listNames(
  quirks.flatMap(({ reasoning = {}, tools = {} }) => [reasoning.budget, reasoning.extras, tools.extras]),
);

function listNames(parts: readonly (object | undefined)[]): string[] {
  return [...new Set(parts.flatMap((part = {}) => Object.keys(part)))];
}
