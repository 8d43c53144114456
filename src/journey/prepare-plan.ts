/** From a request to its plan: choose the target, rewrite the request for it, then make all other decisions once. */
import { adaptDocuments } from "../adapt/documents/adapt-documents.ts";
import type { PdfTexts } from "../adapt/documents/pdf-texts.ts";
import { adaptImages } from "../adapt/images/adapt-images.ts";
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
    readonly healing: Pick<Healing, "learned" | "media">;
    /** Called with fixed wording, for the log, for everything that is lost or changed. */
    readonly note: (words: string) => void;
  };

export async function preparePlan(request: MessagesRequest, preparation: Preparation): Promise<Plan> {
  const { compressor, healing } = preparation;
  const target = correctTarget(chooseTarget(request, preparation), healing);
  return await planAdapted(target, await compressor.compress(request), preparation);
}

/**
 * The plan for a request that has just been rewritten, or is rewritten once more after a refusal.
 *
 * @param takesPdfs false if PDFs were refused; otherwise what is known about the target decides
 */
export async function planAdapted(
  target: Target,
  request: MessagesRequest,
  preparation: Preparation,
  { takesPdfs = true }: { readonly takesPdfs?: boolean } = {},
): Promise<Plan> {
  const { pdfs, note, healing } = preparation;
  const contextWindow = target.facts?.contextWindow;
  const readsPdfs =
    takesPdfs && target.quirks.media.documents !== "text" && !healing.media.refusesPdfs(target);
  const readable = await adaptDocuments(request, { pdfs, takesPdfs: readsPdfs, contextWindow, note });
  const refused = healing.media.refusedImages(target);
  return makePlan(adaptImages(readable, { refused, note }), target, preparation);
}
