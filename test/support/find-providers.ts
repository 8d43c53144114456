/** The providers that code names, for the wall around `catalog/backends/`. The words come from the list of backends. */
import { knownBackends } from "../../src/catalog/backends/known-backends.ts";
import { withoutComments } from "./sources.ts";

const providers = knownBackends.filter(({ hosts }) => hosts.length > 0);

/** `Moonshot (Kimi)` has two. */
const titles = providers.flatMap(({ readme }) =>
  readme.title.split(/ \(|\)/).filter((title) => title !== ""),
);
const codes = providers.flatMap(({ quirks }) => Object.keys(quirks.errors?.codes ?? {}));
/** Names that are English words mean a provider only where they stand alone in quotes. */
const ordinary = /^together$/i;

const words = [...providers.map(({ name }) => name), ...titles, ...codes].map((word) =>
  ordinary.test(word) ? `(?<=["'\`])${word}(?=["'\`])` : RegExp.escape(word),
);

/** Whole words only: names of fields and variables such as `x_groq` and `OPENAI_API_KEY` belong to formats. */
const word = new RegExp(`(?<!\\w)(?:${words.join("|")})(?!\\w)`, "gi");

const host = /(?<![\w.-])[\w-]+(?:\.[\w-]+)*(?::\d+)?(?![\w.-])/g;

/** The names, titles, error codes and hosts of providers in code, outside comments and imports. */
export function findProviders(code: string): string[] {
  const text = withoutComments(code)
    .replace(/\b(?:from|import) "[^"]*"/g, "")
    // The format that all of them speak.
    .replaceAll("OpenAI-compatible", "");
  const hosts = (text.match(host) ?? []).filter((found) =>
    providers.some(
      ({ hosts, port }) => hosts.some((pattern) => pattern.test(found)) || found.endsWith(`:${port}`),
    ),
  );
  return [...(text.match(word) ?? []), ...hosts];
}
