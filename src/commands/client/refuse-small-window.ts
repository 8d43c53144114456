/** Refuses to start Claude Code with a model whose window cannot hold even its smallest session. */

import { describeContextSetting } from "../../catalog/choose-quirks.ts";
import { smallestSession, smallestWindow } from "../../catalog/claude-code/claude-code.ts";
import { type Catalog, factsByName } from "../../catalog/models.ts";
import type { Quirks } from "../../catalog/quirks.ts";
import { oneLine } from "../../lib/show-plainly.ts";
import { CommandError } from "../command-error.ts";
import { exits } from "../exit-codes.ts";

type PlacedModel = {
  readonly model: string;
  readonly catalog: Pick<Catalog, "all" | "facts">;
  readonly quirks: Quirks;
};

/**
 * Only models of the conversation matter; the small one has background tasks. A window that is a guess, such as
 * that of the model's training, refuses nothing.
 *
 * @throws CommandError
 */
export function refuseSmallWindow(models: readonly PlacedModel[]): void {
  for (const { model, catalog, quirks } of models) {
    const window = factsByName(catalog, model, quirks.request.anyModelName)?.hardWindow;
    if (window !== undefined && window < smallestWindow)
      throw new CommandError(
        `Cannot start Claude Code: ${oneLine(model)} has a window of ${count(window)} tokens, and the smallest session ` +
          `fills ${count(smallestSession)}; start the server with a larger one, ${describeContextSetting(quirks)}, ` +
          "or choose another model",
        exits.config,
      );
  }
}

function count(tokens: number): string {
  return tokens.toLocaleString("en");
}
