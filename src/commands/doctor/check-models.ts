/** What the backend's list, or the lack of one, says about address, key and models. Sends nothing. */
import { describeContextSetting } from "../../catalog/choose-quirks.ts";
import { smallestSession, smallestWindow } from "../../catalog/claude-code/claude-code.ts";
import { type Catalog, factsByName } from "../../catalog/models.ts";
import type { Quirks } from "../../catalog/quirks.ts";
import type { Config } from "../../config/read-config.ts";
import type { ProxyError } from "../../errors.ts";
import { findNearest } from "../../lib/suggest-word.ts";
import { leavesOpen } from "../../plan/fill-tiers.ts";
import { type AddressedBackend, suggestAddress } from "../../plan/find-likely-address.ts";
import { type Tier, tiers } from "../../plan/map-model.ts";
import { refusesKey } from "../../upstream/transport/fetch-models.ts";
import { bad, type Finding, good, unknown } from "./finding.ts";

type ListedModels = {
  readonly config: Pick<Config, "models" | "backend" | "media">;
  readonly catalog: Pick<Catalog, "all" | "facts">;
  /** Why the list could not be read. */
  readonly fault: ProxyError | undefined;
  readonly quirks: Quirks;
  readonly backend: AddressedBackend;
  /** Of a backend that is one of several: the models that are asked for there, each with what names it. */
  readonly uses?: readonly (readonly [model: string, by: string])[];
};

/** A longer list may leave out models that the server does have, such as an operator's own deployments. */
const maxComplete = 20;

export function checkModels(listed: ListedModels): Finding[] {
  const findings = checkList(listed);
  return findings.some(({ state }) => state === "bad") ? findings : [...findings, ...checkTiers(listed)];
}

function checkList({ config, catalog, fault, uses, backend }: ListedModels): Finding[] {
  const { baseUrl } = config.backend;
  const { address, key } = backend.settings;
  if (!fault) return [good("backend", `${baseUrl} answers, and lists ${count(catalog.all().length)}`)];
  if (fault.kind === "unreachable" || fault.kind === "timeout") {
    const [text = "", ...advice] = fault.message.split("; ");
    return [bad("address", text, advice.join("; ") || `check ${address}, and that the server runs`)];
  }
  const { upstreamStatus: status } = fault;
  if (refusesKey(status)) return [bad("key", `${baseUrl} refuses the key (${status})`, `check ${key}`)];
  const [reason = "", ...own] = fault.message.replace(/^Cannot read the model list: /, "").split("; ");
  const suggestion = suggestAddress(backend);
  if (!uses && leavesOpen(config.models)) {
    const words = `no model is set, and the list at ${baseUrl} cannot be read: ${reason}`;
    return [bad("models", words, suggestion ?? (own.join("; ") || `check ${address}, or set BIG_MODEL`))];
  }
  const advice = suggestion
    ? `if messages fail, ${suggestion}`
    : own.join("; ") || "if messages work, nothing; the context windows stay unknown";
  return [unknown("models", `the list of models at ${baseUrl} cannot be read: ${reason}`, advice)];
}

function checkTiers(listed: ListedModels): Finding[] {
  const { models } = listed.config;
  if (listed.uses) return listed.uses.flatMap(([model, by]) => checkTier(model, by, listed));
  if (leavesOpen(models))
    return [bad("models", "no model is set, and the backend lists none to choose from", "set BIG_MODEL")];
  const tierFindings = groupTiers(models).flatMap(([model, variables]) =>
    checkTier(model, variables, listed),
  );
  return [...tierFindings, ...checkVision(listed)];
}

function checkVision({ config, catalog, quirks }: ListedModels): Finding[] {
  const model = config.media.visionModel;
  const all = catalog.all();
  if (model === undefined || all.length === 0) return [];
  const facts = factsByName(catalog, model, quirks.request.anyModelName);
  if (!facts) return [checkName(model, "VISION_MODEL", all)];
  return facts.seesImages === false
    ? [bad("models", `${model} (VISION_MODEL) is listed as a model that cannot see`, "choose another model")]
    : [];
}

/** Each model once, with the variables that name it. */
export function groupTiers(models: Config["models"]): [model: string, variables: string][] {
  const groups = Map.groupBy(tiers, (tier: Tier) => models[tier]);
  return [...groups].map(([model, own]) => [
    model,
    own.map((tier) => `${tier.toUpperCase()}_MODEL`).join(", "),
  ]);
}

function checkTier(model: string, variables: string, listed: ListedModels): Finding[] {
  const { catalog, quirks } = listed;
  const all = catalog.all();
  const facts = factsByName(catalog, model, quirks.request.anyModelName);
  const window = facts?.contextWindow;
  if (all.length === 0) return [];
  if (!facts) return [checkName(model, variables, all)];
  if (window === undefined)
    return [unknown("window", `${model} (${variables}) is listed, without its context window`)];
  const words = `${model} (${variables}) has a window of ${window.toLocaleString("en")} tokens`;
  return window < smallestWindow
    ? [
        bad(
          "window",
          `${words}; Claude Code's smallest session needs about ${smallestSession.toLocaleString("en")}`,
          `start the server with a larger one, ${describeContextSetting(quirks)}, or choose another model`,
        ),
      ]
    : [good("window", words)];
}

function checkName(model: string, variables: string, all: readonly { readonly id: string }[]): Finding {
  const words = `${model} (${variables}) is not among the ${count(all.length)} that the backend lists`;
  const nearest = findNearest(
    model,
    all.map(({ id }) => id),
  );
  if (nearest !== undefined) return bad("models", words, `did you mean ${nearest}?`);
  if (all.length <= maxComplete)
    return bad("models", words, `choose one of ${all.map(({ id }) => id).join(", ")}`);
  return unknown("models", words, "if messages fail, choose one from the command `models`");
}

function count(models: number): string {
  return models === 1 ? "one model" : `${models} models`;
}
