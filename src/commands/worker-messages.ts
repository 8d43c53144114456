/**
 * What workers and the process that has started them say to one another, over the channel that it has to each. Only
 * processes of this program are on it.
 */
import type { Config } from "../config/read-config.ts";
import { isObject } from "../lib/json.ts";
import type { Spending } from "../telemetry/daily-costs.ts";
import type { Reports, Topic } from "../telemetry/peers.ts";

export type AnyReport = Reports[Topic];

export type KeptConfig = {
  readonly config: Config;
  /** Of the program that has read it: another version may know other settings. */
  readonly version: string;
};

export type FromWorker =
  /** It wants to know what the others say. */
  | { readonly type: "gather"; readonly id: number; readonly topic: Topic }
  /** It was asked. */
  | { readonly type: "answer"; readonly id: number; readonly report: AnyReport }
  /** It ends, and this is what it has counted. */
  | { readonly type: "leave"; readonly report: Reports["metrics"] }
  /** It limits what a day may cost, so it wants to know what all have spent and will spend. */
  | { readonly type: "share-costs" }
  /** This is what it has spent without a limit. */
  | { readonly type: "spent-before"; readonly spendings: readonly Spending[] }
  /** A message has cost so much. */
  | { readonly type: "spent"; readonly spending: Spending }
  /** It listens, and this is its configuration. */
  | ({ readonly type: "keep-config" } & KeptConfig)
  /** It takes the place of another, and cannot read its own configuration. */
  | { readonly type: "need-config" };

export type ToWorker =
  /** Another wants to know what it says. */
  | { readonly type: "ask"; readonly id: number; readonly topic: Topic }
  /** This is what the others say. */
  | { readonly type: "gathered"; readonly id: number; readonly reports: readonly AnyReport[] }
  /** This is what all have spent so far. */
  | { readonly type: "spent-before"; readonly spendings: readonly Spending[] }
  /** A message of another has cost so much. */
  | { readonly type: "spent"; readonly spending: Spending }
  | { readonly type: "use-config"; readonly kept: KeptConfig | undefined };

/** The process that has started the workers has one to each. */
export type Channel = { send(message: ToWorker): void };

const fromWorker: Readonly<Record<FromWorker["type"], true>> = {
  gather: true,
  answer: true,
  leave: true,
  "share-costs": true,
  "spent-before": true,
  spent: true,
  "keep-config": true,
  "need-config": true,
};

const toWorker: Readonly<Record<ToWorker["type"], true>> = {
  ask: true,
  gathered: true,
  "spent-before": true,
  spent: true,
  "use-config": true,
};

export function isFromWorker(message: unknown): message is FromWorker {
  return isOneOf(fromWorker, message);
}

export function isToWorker(message: unknown): message is ToWorker {
  return isOneOf(toWorker, message);
}

function isOneOf(types: object, message: unknown): boolean {
  return isObject(message) && typeof message.type === "string" && Object.hasOwn(types, message.type);
}

/** Metrics are a list, a journal is an object. */
export function isAbout<Each extends Topic>(topic: Each, report: AnyReport): report is Reports[Each] {
  return Array.isArray(report) === (topic === "metrics");
}
