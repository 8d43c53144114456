/**
 * What was lost or changed in one request, for the log. A hostile request may lose a hundred thousand things: each is
 * logged once, and only the first few are; the rest are counted.
 */
import type { Log } from "./log.ts";

type Notes = {
  add(words: string): void;
  /** Ends the request: logs how many more there were. May be called again. */
  end(): void;
};

const maxNotes = 20;
/** Characters. */
const maxLength = 200;

export function createNotes(log: Log, id: string): Notes {
  let logged: Set<string> | undefined;
  let more = 0;
  return {
    add(words) {
      const note = words.length > maxLength ? `${words.slice(0, maxLength)}…` : words;
      logged ??= new Set();
      if (logged.has(note)) return;
      if (logged.size === maxNotes) {
        more += 1;
        return;
      }
      logged.add(note);
      log.warning(note, { id });
    },
    end() {
      if (more > 0) log.warning(`Left ${more} more notes about this request out of the log`, { id });
      more = 0;
    },
  };
}
