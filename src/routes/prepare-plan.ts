/** What a plan needs that takes time: done after its decisions are taken, and before anything is converted. */
import { adaptDocuments } from "../plan/documents.ts";
import type { PdfTexts } from "../plan/pdf-texts.ts";
import { makePlan, type Plan, type PlanContext } from "../plan/plan.ts";

export type Preparation = {
  readonly context: PlanContext;
  readonly pdfs: PdfTexts;
  /** Called with stable words for the log for everything that is lost or changed. */
  readonly note: (words: string) => void;
};

/** The same plan, or one for what the request has become. Never throws. */
export async function preparePlan(plan: Plan, { context, pdfs, note }: Preparation): Promise<Plan> {
  const request = await adaptDocuments(plan.request, {
    pdfs,
    takesPdfs: plan.quirks.documents !== "text",
    contextWindow: context.catalogue.facts(plan.model)?.contextWindow,
    note,
  });
  // Its size has changed, and with it what is left for the answer.
  return request === plan.request ? plan : makePlan(request, context);
}
