/** Refuses a prompt that cannot fit into the model's window, before the backend is asked. */
import { describeLongPrompt } from "../../anthropic/write-refusal.ts";
import { ProxyError } from "../../errors.ts";
import type { PromptSize } from "./predict-size.ts";

/** The parts of a plan that decide whether it fits. */
type Fitting = {
  readonly size: () => Pick<PromptSize, "minTokens">;
  readonly hardWindow: number | undefined;
  readonly fallbackModels: readonly string[];
};

type Measured = Pick<PromptSize, "tokens" | "minTokens">;

/**
 * Refuses a prompt that certainly cannot fit. One that may fit is left to the backend, which knows the true count, and
 * one with fallback models to them. An estimate is not certain: lines of dashes look like many tokens and are few, so
 * what seems too long is counted first.
 *
 * @param measure counts the prompt
 * @returns undefined if the prompt need not be counted, so that there is nothing to wait for
 * @throws ProxyError `prompt-too-long`, in the words that make Claude Code compact
 */
export function refuseOverflow<Asked extends Fitting>(
  asked: Asked,
  measure: (asked: Asked) => Promise<Measured>,
): Promise<void> | undefined {
  const { size, hardWindow, fallbackModels } = asked;
  if (hardWindow === undefined || fallbackModels.length > 0 || size().minTokens <= hardWindow)
    return undefined;
  return refuseMeasured(measure(asked), hardWindow);
}

async function refuseMeasured(measured: Promise<Measured>, hardWindow: number): Promise<void> {
  const { tokens, minTokens } = await measured;
  if (minTokens <= hardWindow) return;
  throw new ProxyError("prompt-too-long", describeLongPrompt(tokens, hardWindow));
}
