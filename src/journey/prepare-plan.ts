/** From a request to its plan: choose the target, rewrite the request for it, then make all other decisions once. */
import { adaptDocuments, holdsPdf } from "../adapt/documents/adapt-documents.ts";
import type { PdfTexts } from "../adapt/documents/pdf-texts.ts";
import type { MessagesRequest } from "../anthropic/wire.ts";
import { chooseTarget, type Target, type TargetContext } from "../plan/choose-target.ts";
import { makePlan, type Plan, type PlanContext } from "../plan/plan.ts";
import type { Healing } from "../upstream/attempt/remember-corrections.ts";
import { correctTarget } from "../upstream/read-reply.ts";
import type { PromptCompressor } from "./compress-prompt.ts";

export type Preparation = TargetContext &
  PlanContext & {
    readonly pdfs: PdfTexts;
    readonly compressor: Pick<PromptCompressor, "compress">;
    readonly healing: Pick<Healing, "learned" | "refusesPdfs">;
    /** Called with fixed wording, for the log, for everything that is lost or changed. */
    readonly note: (words: string) => void;
  };

export async function preparePlan(request: MessagesRequest, preparation: Preparation): Promise<Plan> {
  const { compressor, healing } = preparation;
  const target = correctTarget(chooseTarget(request, preparation), healing);
  const takesPdfs = target.quirks.media.documents !== "text" && !healing.refusesPdfs(target);
  return await planAdapted(await compressor.compress(request), target, takesPdfs, preparation);
}

/** A second plan, after the backend refused PDFs, with their text instead; undefined if the first one has no PDFs. */
export async function planWithoutPdfs(plan: Plan, preparation: Preparation): Promise<Plan | undefined> {
  return holdsPdf(plan.request) ? await planAdapted(plan.request, plan, false, preparation) : undefined;
}

async function planAdapted(
  request: MessagesRequest,
  target: Target,
  takesPdfs: boolean,
  preparation: Preparation,
): Promise<Plan> {
  const { pdfs, note } = preparation;
  const contextWindow = target.facts?.contextWindow;
  const adapted = await adaptDocuments(request, { pdfs, takesPdfs, contextWindow, note });
  return makePlan(adapted, target, preparation);
}
