/**
 * Reads the text of a `.env` file. Node's `parseEnv` reads the same format, but silently decides what is ambiguous: half
 * a key would be sent as if it were whole.
 */

type EnvEntry = {
  readonly name: string;
  /** Undefined if the line has no `=`. */
  readonly value: string | undefined;
  /** Where it begins, from 1. */
  readonly line: number;
  /** Why it may not be what was meant. */
  readonly problem?: string;
};

/** The entries in their order; lines without a name are left out. */
export function parseEnvFile(text: string): EnvEntry[] {
  const entries: EnvEntry[] = [];
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    const [, name, written = ""] = /^\s*(?:export\s+)?([\w.-]+)\s*=\s*(.*)$/.exec(lines[at] ?? "") ?? [];
    const line = at + 1;
    if (name === undefined) {
      const [, named] = /^\s*(?:export\s+)?([A-Za-z_]\w*)(?:\s*:|\s+[^\s#])/.exec(lines[at] ?? "") ?? [];
      if (named !== undefined)
        entries.push({ name: named, line, value: undefined, problem: "the name is not followed by a =" });
      continue;
    }
    if (!/^["'`]/.test(written)) {
      entries.push({ name, line, ...readPlain(written) });
      continue;
    }
    const quoted = readQuoted(written, lines.slice(line));
    at += quoted.moreLines;
    entries.push({ name, line, ...quoted.read });
  }
  return entries;
}

type Read = { readonly value: string } & Pick<EnvEntry, "problem">;

function readPlain(written: string): Read {
  const [, value = "", gap = "", comment = ""] = /^([^#]*?)(\s*)(#.*)?$/.exec(written) ?? [];
  if (comment === "" || gap !== "") return { value };
  return {
    value,
    problem: "a # directly after the value begins a comment; put a space before it, or quote the value",
  };
}

/** @param rest the lines that follow; a quoted value may go on there */
function readQuoted(written: string, rest: readonly string[]): { read: Read; moreLines: number } {
  const quote = written.charAt(0);
  let inside = written.slice(1);
  for (let moreLines = 0; moreLines <= rest.length; moreLines += 1) {
    const end = inside.indexOf(quote);
    if (end >= 0) {
      const value = inside.slice(0, end);
      const isClean = /^\s*(?:#.*)?$/.test(inside.slice(end + 1));
      return {
        moreLines,
        read: {
          value: quote === '"' ? value.replaceAll("\\n", "\n") : value,
          ...(!isClean && { problem: `something follows the closing ${quote}; quote the whole value` }),
        },
      };
    }
    inside += `\n${rest[moreLines] ?? ""}`;
  }
  return { moreLines: 0, read: { value: written, problem: `the ${quote} at its beginning is never closed` } };
}
