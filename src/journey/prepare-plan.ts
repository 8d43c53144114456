/** From a request to its plan: choose the target, rewrite the request for it, then make all other decisions once. */

import { type AdaptedConversation, adaptConversation } from "../adapt/conversation/adapt-conversation.ts";
import { askForSummary, continueFrom, writeToolChanges } from "../adapt/conversation/ask-for-summary.ts";
import { adaptDocuments } from "../adapt/documents/adapt-documents.ts";
import type { PdfTexts } from "../adapt/documents/pdf-texts.ts";
import { adaptImages, listImages } from "../adapt/images/adapt-images.ts";
import type { Body } from "../anthropic/cut-attachments.ts";
import { surveyMessages } from "../anthropic/survey-messages.ts";
import type { ContextEdit, MessagesRequest } from "../anthropic/wire.ts";
import type { AppliedEdit } from "../anthropic/wire-reply.ts";
import type { JsonObject } from "../lib/json.ts";
import { chooseTarget, type Target, type TargetContext } from "../plan/choose-target.ts";
import { noteIgnored } from "../plan/note-ignored.ts";
import { makePlan, type Plan, type PlanContext } from "../plan/plan.ts";
import type { Healing } from "../upstream/attempt/remember-corrections.ts";
import { correctTarget } from "../upstream/read-reply.ts";
import type { PromptCompressor } from "./compress-prompt.ts";
import type { ImageDescriber } from "./describe-images.ts";

export type Preparation = TargetContext &
  PlanContext & {
    readonly pdfs: PdfTexts;
    /** Undefined if system prompts are sent as they are. */
    readonly compressor?: Pick<PromptCompressor, "compress"> | undefined;
    /** Undefined without VISION_MODEL. */
    readonly describer?: Pick<ImageDescriber, "describe" | "describePages"> | undefined;
    readonly healing: Pick<Healing, "learned" | "media">;
    /** The body of the request, if a backend may take it as it is. */
    readonly body?: Body | undefined;
    /** The name of the client's key, if it has one. */
    readonly clientName?: string | undefined;
    /** Called with fixed wording, for the log, for everything that is lost or changed. */
    readonly note: (words: string) => void;
  };

export type PreparedPlan = Plan & {
  /** What was taken out of the conversation as its client wanted. */
  readonly appliedEdits?: readonly AppliedEdit[];
  /** The plan asks for a summary of the conversation. */
  readonly compaction?: Compaction;
};

export type Compaction = {
  readonly toolChanges: readonly JsonObject[];
  /** The plan for the answer after the summary, or for one without it; undefined if the summary is the answer. */
  readonly goOn: ((summary: string | null) => Promise<Plan>) | undefined;
};

/** @returns no promise for a usual request, which has nothing to wait for */
export function preparePlan(
  given: MessagesRequest,
  preparation: Preparation,
): PreparedPlan | Promise<PreparedPlan> {
  const { compressor, healing, note } = preparation;
  const target = correctTarget(chooseTarget(given, preparation), healing);
  // Whoever knows the client's format gets what the client wrote.
  if (target.protocol === "anthropic")
    return { ...makePlan(given, target, preparation), original: preparation.body };
  noteIgnored(given, note);
  const adapted = adaptConversation(given);
  const isUsual = !compressor && !given.compaction && !given.context_management;
  return isUsual
    ? planAdapted(target, adapted.request, preparation)
    : prepareOther(given, target, adapted, preparation);
}

async function prepareOther(
  given: MessagesRequest,
  target: Target,
  { request, appliedEdits }: AdaptedConversation,
  preparation: Preparation,
): Promise<PreparedPlan> {
  const { compressor } = preparation;
  const compressed = compressor ? await compressor.compress(request) : request;
  if (given.compaction?.type === "summarize") {
    const asking = askForSummary(compressed, given.compaction.instructions);
    const plan = await planAdapted(target, asking, preparation);
    return { ...plan, appliedEdits, compaction: { toolChanges: writeToolChanges(request), goOn: undefined } };
  }
  const plan = await planAdapted(target, compressed, preparation);
  const edit = given.context_management?.edits?.find((edit) => edit.type === "compact_20260112");
  const compaction = edit && (await planCompaction(plan, compressed, edit, preparation));
  return appliedEdits.length === 0 ? (compaction ?? plan) : { ...(compaction ?? plan), appliedEdits };
}

/** Tokens from which a conversation is summarized if the client does not say. Source: Anthropic, compaction. */
const usualTrigger = 150_000;

/** The summary and the question need room, too. */
const maxWindowShare = 0.8;

/** The plan for a summary, if the client wants one before the prompt gets longer than it is now. */
async function planCompaction(
  plan: Plan,
  request: MessagesRequest,
  edit: ContextEdit & { type: "compact_20260112" },
  preparation: Preparation,
): Promise<PreparedPlan | undefined> {
  const window = plan.facts?.contextWindow ?? Number.POSITIVE_INFINITY;
  const trigger = Math.min(edit.trigger?.value ?? usualTrigger, window * maxWindowShare);
  if (plan.size().tokens <= trigger) return undefined;
  const goOn = async (summary: string | null) =>
    planAdapted(plan, summary === null ? request : continueFrom(summary, request), preparation);
  return {
    ...(await planAdapted(plan, askForSummary(request, edit.instructions), preparation)),
    compaction: {
      toolChanges: writeToolChanges(request),
      goOn: edit.pause_after_compaction ? undefined : goOn,
    },
  };
}

/** False for what the backend has just refused; otherwise what is known about the target decides. */
type MediaUse = { readonly takesPdfs?: boolean; readonly seesImages?: boolean };

const anyMedia: MediaUse = {};

/** The plan for a request that has just been rewritten, or is rewritten once more after a refusal. */
export function planAdapted(
  target: Target,
  request: MessagesRequest,
  preparation: Preparation,
  use = anyMedia,
): Plan | Promise<Plan> {
  const { files, images } = surveyMessages(request.messages);
  // Most requests have neither, and nothing to wait for.
  if (!files && !images) return makePlan(request, target, preparation);
  return planMedia(target, request, preparation, use);
}

async function planMedia(
  target: Target,
  request: MessagesRequest,
  preparation: Preparation,
  { takesPdfs = true, seesImages = true }: MediaUse,
): Promise<Plan> {
  const { files, images } = surveyMessages(request.messages);
  const readable = files ? await readFiles(request, target, takesPdfs, preparation) : request;
  const visible = images ? await showImages(readable, target, seesImages, preparation) : readable;
  return makePlan(visible, target, preparation);
}

async function readFiles(
  request: MessagesRequest,
  target: Target,
  takesPdfs: boolean,
  preparation: Preparation,
): Promise<MessagesRequest> {
  const { pdfs, note, healing, describer } = preparation;
  const client = preparation.sessionId ?? request.metadata?.user_id ?? undefined;
  const describePages =
    describer &&
    ((pdf: string, pages: readonly number[]) =>
      describer.describePages(
        { pdf, pages, read: (asked) => pdfs.readPictures(pdf, asked, client) },
        preparation,
      ));
  return await adaptDocuments(request, {
    pdfs,
    client,
    describePages,
    takesPdfs: takesPdfs && target.quirks.media.documents !== "text" && !healing.media.refusesPdfs(target),
    contextWindow: target.facts?.contextWindow,
    note,
  });
}

async function showImages(
  request: MessagesRequest,
  target: Target,
  seesImages: boolean,
  preparation: Preparation,
): Promise<MessagesRequest> {
  const { note, healing, describer } = preparation;
  const known = healing.media.refusedImages(target);
  const refused = seesImages ? known : { ...known, all: true };
  const needsWords = refused.all || target.facts?.seesImages === false;
  const descriptions = needsWords
    ? await describer?.describe(listImages(request), target, preparation)
    : undefined;
  return adaptImages(request, { refused, descriptions, note });
}
