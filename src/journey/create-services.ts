/** Makes the services, each once and from those it needs. */
import { createPdfTexts } from "../adapt/documents/pdf-texts.ts";
import { createKnownParts } from "../anthropic/known-parts.ts";
import { backendNames } from "../catalog/backends/known-backends.ts";
import { requestClasses } from "../catalog/claude-code/claude-code.ts";
import { type Config, listSecrets } from "../config/read-config.ts";
import type { ProxyError } from "../errors.ts";
import { createBudget } from "../lib/budget.ts";
import { createRouting } from "../plan/create-routing.ts";
import type { Site, Sites } from "../plan/create-sites.ts";
import type { Tier } from "../plan/map-model.ts";
import { createTokenCounter } from "../plan/size/tokens.ts";
import { createJournal } from "../telemetry/journal.ts";
import type { Log } from "../telemetry/log.ts";
import { createMetrics, type Metrics } from "../telemetry/metrics.ts";
import { createSolePeer, type Peers } from "../telemetry/peers.ts";
import type { UsageStore } from "../telemetry/usage/store.ts";
import { createHealing, type Healing } from "../upstream/attempt/remember-corrections.ts";
import type { Cassette } from "../upstream/transport/cassette/tape.ts";
import { createModelRefresh } from "../upstream/transport/fetch-models.ts";
import { createSender, type Sender } from "../upstream/transport/send.ts";
import { version } from "../version.ts";
import { createBodyCollector } from "./collect-after-bodies.ts";
import { createIdleCollector } from "./collect-when-idle.ts";
import { createPromptCompressor, createPromptMemory } from "./compress-prompt.ts";
import { ownClasses } from "./count-own-call.ts";
import { createCompileSwitch } from "./delay-compiling.ts";
import { createDescriptions, createImageDescriber } from "./describe-images.ts";
import { createDrain } from "./drain.ts";
import { createTelemetryExport, type TelemetryExport } from "./export-telemetry.ts";
import { createSpendingLimit } from "./limit-spending.ts";
import { defaultPace, type Pace, type Services } from "./services.ts";
import { createSlots } from "./share-slots.ts";
import { createHealth } from "./track-health.ts";
import { createNameWarning } from "./warn-of-names.ts";

export type ServiceOptions = {
  readonly config: Config;
  readonly log: Log;
  /** Keeps a row for each message. */
  readonly usage?: UsageStore | undefined;
  /** The other processes of this proxy, if there are any. */
  readonly peers?: Peers;
  readonly pace?: Pace;
  readonly cassette?: Cassette | undefined;
  /** Tiers that Claude Code's picker shows by itself. */
  readonly shownTiers?: readonly Tier[];
  /** The fingerprints of the client's passages, if not those of the catalog. */
  readonly passages?: ReadonlySet<string>;
  /** Without it, the limits of a process that was not prepared. */
  readonly capacity?: { readonly requests: number; readonly fetches: number };
};

/** Bun runs 256 fetches at once, unless it was told otherwise when the process began. */
const usualCapacity = { requests: 248, fetches: 248 };

/** A long conversation, or some tens of usual ones. */
const maxPartBytes = 4_000_000;

/** @param onModelsRead called whenever a backend's model list was read, or could not be */
export function createServices(
  {
    config: given,
    log,
    usage,
    peers = createSolePeer(),
    pace = defaultPace,
    shownTiers = [],
    passages,
    cassette,
    capacity = usualCapacity,
  }: ServiceOptions,
  onModelsRead: (site: Site, fault?: ProxyError) => void,
): Services {
  const tokens = createTokenCounter();
  const direct = createSender(capacity.fetches, given.proxies);
  let secrets: readonly string[] = listSecrets(given);
  const sender = openSender(direct, () => secrets, log, cassette);
  const pdfs = createPdfTexts();
  const bodies = createBudget(given.server.bodyMemory * 1024 * 1024, createBodyCollector());
  const drain = createDrain(capacity.requests, {
    onBegin: createCompileSwitch(),
    onEnd: createIdleCollector(() => drain.size),
  });
  const slots = createSlots();
  const metrics = createMetrics({
    log,
    backends: backendNames,
    classes: [...requestClasses, ...ownClasses],
    state: {
      inFlight: () => drain.size,
      bodyBytes: () => bodies.taken,
      upstreamInFlight: () => direct.inFlight,
      queued: slots.countWaiting,
    },
  });
  const journal = createJournal();
  peers.answerWith({ metrics: metrics.list, journal: journal.snapshot });
  const healing = countHealing(createHealing(log), metrics);
  const services = {
    health: createHealth(),
    slots,
    spending: createSpendingLimit({ usage, journal, peers, log }),
    tokens,
    sender,
    healing,
    pdfs,
    bodies,
    parts: createKnownParts(maxPartBytes),
    log,
    journal,
    peers,
    usage,
    exporter: openExport(given, log, metrics),
    pace,
    shownTiers,
    drain,
    metrics,
  };
  // Kept across reloads, so that running conversations go on with the prompts and descriptions they have seen.
  const promptMemory = createPromptMemory();
  const descriptions = createDescriptions();
  let latest: Services;
  const configure = (next: Config, previous?: Sites): Services => {
    const routing = createRouting(next, previous);
    secrets = [...new Set([...secrets, ...listSecrets(next)])];
    for (const site of previous?.all ?? [])
      if (!routing.sites.all.includes(site)) services.health.retire(site);
    const routed = { ...services, ...routing, ...watchModels(routing) };
    services.spending.take(next.limits);
    const { visionModel } = next.media;
    const { api, ...access } = next.search;
    latest = {
      ...routed,
      searchService: api && { api, ...access },
      compressor: createPromptCompressor({ ...routed, passages }, promptMemory),
      describer:
        visionModel === undefined ? undefined : createImageDescriber(visionModel, routed, descriptions),
      latest: () => latest,
      reroute: (next) => configure(next, routing.sites),
    };
    return latest;
  };

  function watchModels({ config, sites, routes }: Pick<Services, "config" | "sites" | "routes">) {
    const refreshes = sites.all.map((site) =>
      createModelRefresh({ ...site, sender, log, onEnd: (fault) => onModelsRead(site, fault) }),
    );
    const refreshModels = () => {
      for (const refresh of refreshes) refresh();
    };
    return { refreshModels, noticeModel: createNameWarning({ config, sites, routes, log }) };
  }

  return configure(given);
}

/** With a sender of its own, because telemetry is not a request to a backend. */
function openExport(
  { telemetry: { endpoint, headers, serviceName }, proxies }: Config,
  log: Log,
  metrics: Metrics,
): TelemetryExport | undefined {
  if (endpoint === undefined) return undefined;
  const source = { serviceName, version, instanceId: crypto.randomUUID() };
  const sender = createSender(4, proxies);
  return createTelemetryExport({ endpoint, headers, source, sender, log, metrics: metrics.list });
}

function countHealing(healing: Healing, metrics: Metrics): Healing {
  return {
    ...healing,
    learn(place, corrections) {
      for (const { change } of corrections) metrics.heal(change);
      healing.learn(place, corrections);
    },
  };
}

function openSender(
  direct: Sender,
  secrets: () => readonly string[],
  log: Log,
  cassette: Cassette | undefined,
): Sender {
  if (!cassette) return direct;
  const opened = openCassette(direct, secrets, log, cassette);
  return { send: async (request) => (await opened).send(request) };
}

async function openCassette(
  direct: Sender,
  secrets: () => readonly string[],
  log: Log,
  cassette: Cassette,
): Promise<Sender> {
  switch (cassette.mode) {
    case "record":
    case "trace": {
      const { recordExchanges } = await import("../upstream/transport/cassette/record.ts");
      const isTrace = cassette.mode === "trace";
      return recordExchanges({ ...cassette, sender: direct, secrets, log, isTrace });
    }
    case "replay": {
      const { replayExchanges } = await import("../upstream/transport/cassette/replay.ts");
      return replayExchanges(cassette);
    }
    default:
      return cassette satisfies never;
  }
}
