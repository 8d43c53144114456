/** Reads what stands for a secret in a `config.toml`: `${NAME}` for a variable, and `file:PATH` for a file. */
import { isAbsolute, join } from "node:path";
import { z } from "zod";

export type SecretSource = {
  /** The `config.toml`: paths in it are relative to its folder. */
  readonly path: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of a file; undefined if there is none. May throw an error that is worded for the user. */
  readonly readFile: (path: string) => string | undefined;
};

type ReadText = (given: string, context: z.RefinementCtx) => string;

/** In place of a key: that of each client. */
export const callersKey = "caller";

const filePrefix = "file:";

export type SecretReader = {
  /** Puts variables in the place of `${NAME}`. */
  readonly insert: ReadText;
  /** The same for a header, which may hold a key. */
  readonly insertSecret: ReadText;
  /** The same for a key, which may also be in a file. */
  readonly readKey: ReadText;
  /** The variables in which secrets were. */
  readonly listVariables: () => string[];
  /** Whether a key was written in plain text. */
  readonly sawKey: () => boolean;
};

export function createSecretReader({ path, env, readFile }: SecretSource): SecretReader {
  let sawKey = false;
  const variables = new Set<string>();
  const insert: ReadText = (given, context) =>
    given.replace(/\$(?:\{(\w+)\}|\{[^}]*\}?)/g, (written, name: string | undefined) => {
      if (name === undefined) {
        context.addIssue(`${written} must be a variable such as \${OPENAI_API_KEY}`);
        return "";
      }
      const value = env[name]?.trim();
      if (!value) context.addIssue(`the variable ${name} is not set`);
      return value ?? "";
    });
  const insertSecret: ReadText = (given, context) => {
    for (const [, name = ""] of given.matchAll(/\$\{(\w+)\}/g)) variables.add(name);
    return insert(given, context);
  };
  const readKey: ReadText = (given, context) => {
    const [, bare] = /^\$(\w+)$/.exec(given) ?? [];
    if (bare !== undefined) context.addIssue(`write \${${bare}} for the variable ${bare}`);
    if (!given.startsWith(filePrefix)) {
      const found = insertSecret(given, context);
      sawKey ||= found === given && given !== callersKey;
      return found;
    }
    const file = insert(given, context).slice(filePrefix.length);
    const place = isAbsolute(file) ? file : join(path, "..", file);
    try {
      const found = readFile(place)?.trim();
      if (found) return found;
      context.addIssue(found === undefined ? `there is no file ${place}` : `the file ${place} is empty`);
    } catch (thrown) {
      context.addIssue(thrown instanceof Error ? thrown.message : String(thrown));
    }
    return z.NEVER;
  };
  return { insert, insertSecret, readKey, listVariables: () => [...variables], sawKey: () => sawKey };
}
