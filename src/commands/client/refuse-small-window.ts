/** Refuses to start Claude Code with a model whose window cannot hold even its smallest session. */
import { describeContextSetting } from "../../catalog/choose-quirks.ts";
import { smallestSession, smallestWindow } from "../../catalog/claude-code/claude-code.ts";
import { type Catalog, factsByName } from "../../catalog/models.ts";
import type { Quirks } from "../../catalog/quirks.ts";
import type { Config } from "../../config/read-config.ts";
import { CommandError } from "../command-error.ts";
import { exits } from "../exit-codes.ts";

type WindowFacts = {
  readonly models: Config["models"];
  readonly catalog: Pick<Catalog, "all" | "facts">;
  readonly quirks: Quirks;
};

/**
 * Looks at the models of the conversation; the small one has only background tasks. A window that is a guess, such as
 * that of the model's training, refuses nothing.
 *
 * @throws CommandError
 */
export function refuseSmallWindow({ models, catalog, quirks }: WindowFacts): void {
  for (const model of new Set([models.big, models.middle])) {
    const window = factsByName(catalog, model, quirks.request.anyModelName)?.hardWindow;
    if (window !== undefined && window < smallestWindow)
      throw new CommandError(
        `Cannot start Claude Code: ${clean(model)} has a window of ${count(window)} tokens, and the smallest session ` +
          `fills ${count(smallestSession)}; start the server with a larger one, ${describeContextSetting(quirks)}, ` +
          "or choose another model",
        exits.config,
      );
  }
}

function count(tokens: number): string {
  return tokens.toLocaleString("en");
}

function clean(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}
