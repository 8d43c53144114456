/** The slow parts of a plan: done after its decisions are made and before anything is converted. */
import { adaptDocuments, holdsPdf } from "../adapt/documents/documents.ts";
import type { PdfTexts } from "../adapt/documents/pdf-texts.ts";
import { makePlan, type Plan, type PlanContext } from "../plan/plan.ts";
import type { Healing } from "../upstream/attempt/healing.ts";
import type { PromptCompressor } from "./compress-prompt.ts";

type Preparation = {
  readonly context: PlanContext;
  readonly pdfs: PdfTexts;
  readonly compressor: Pick<PromptCompressor, "compress">;
  readonly healing: Healing;
  /** Called with fixed wording, for the log, for everything that is lost or changed. */
  readonly note: (words: string) => void;
};

/** The same plan, or a new one for the changed request. Never throws. */
export async function preparePlan(given: Plan, preparation: Preparation): Promise<Plan> {
  const plan = await compressPlan(given, preparation);
  const takesPdfs = plan.quirks.media.documents !== "text" && !preparation.healing.refusesPdfs(plan);
  return await adaptPlan(plan, takesPdfs, preparation);
}

/** The plan with PDFs replaced by their text, after the backend refused them; undefined if there are none. */
export async function readPdfs(plan: Plan, preparation: Preparation): Promise<Plan | undefined> {
  return holdsPdf(plan.request) ? await adaptPlan(plan, false, preparation) : undefined;
}

async function compressPlan(plan: Plan, { context, compressor }: Preparation): Promise<Plan> {
  const request = await compressor.compress(plan.request);
  return request === plan.request ? plan : makePlan(request, context);
}

async function adaptPlan(plan: Plan, takesPdfs: boolean, preparation: Preparation): Promise<Plan> {
  const { context, pdfs, note } = preparation;
  const contextWindow = context.catalogue.facts(plan.model)?.contextWindow;
  const request = await adaptDocuments(plan.request, { pdfs, takesPdfs, contextWindow, note });
  // The prompt's size has changed, and with it the room left for the answer.
  return request === plan.request ? plan : makePlan(request, context);
}
