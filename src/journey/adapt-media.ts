/**
 * What to send instead when a backend has refused images or PDFs: the text of PDFs, and notes or descriptions in place
 * of images. If one image was refused and it is unknown which, the likeliest are left out first.
 */
import { holdsPdf } from "../adapt/documents/adapt-documents.ts";
import { digestOf, leaveOutImages, listImages, refusedImage, tooMany } from "../adapt/images/adapt-images.ts";
import type { ImageBlock, MessagesRequest } from "../anthropic/wire.ts";
import { describeRefusedMediaKind } from "../anthropic/write-refusal.ts";
import { ProxyError, type RefusedMedia } from "../errors.ts";
import { looksBroken } from "../lib/looks-broken.ts";
import type { Plan } from "../plan/plan.ts";
import type { MediaLesson } from "../upstream/attempt/remember-media.ts";
import { type Preparation, planAdapted } from "./prepare-plan.ts";

type NextPlan = {
  readonly plan: Plan;
  /** What is remembered if it works. */
  readonly lesson: MediaLesson | undefined;
  /** For the log, unless it is there already. */
  readonly note?: string;
};

/**
 * The plan to try after a failure that media may have caused; undefined if there is nothing to change.
 *
 * @param error of the attempt with `plan`, before anything of an answer was seen
 */
export async function planWithoutMedia(
  plan: Plan,
  error: ProxyError,
  preparation: Preparation,
): Promise<NextPlan | undefined> {
  const refused = error.refuses ?? (isVague(error) ? unknownImage : undefined);
  if (!refused) return undefined;
  return refused.media === "pdf"
    ? await planWithoutPdfs(plan, refused, preparation)
    : await planWithoutImages(plan, refused, preparation);
}

/** The refusal for a client that can remove all media of a kind itself, if asking without them did not help. */
export function refuseMediaKind(request: MessagesRequest, error: ProxyError): ProxyError {
  const { refuses } = error;
  if (refuses?.extent !== "all") return error;
  const isSent = refuses.media === "image" ? listImages(request).length > 0 : holdsPdf(request);
  if (!isSent) return error;
  const { upstreamStatus } = error;
  return new ProxyError("invalid-request", describeRefusedMediaKind(refuses.media), {
    refuses,
    upstreamStatus,
    cause: error,
  });
}

const unknownImage: RefusedMedia = { media: "image", extent: "one" };

/** "Request contains an invalid argument" is all that some backends say of a broken image. */
function isVague({ kind, message, upstreamStatus }: ProxyError): boolean {
  return (
    kind === "invalid-request" &&
    (upstreamStatus === 400 || upstreamStatus === 422) &&
    /^\W*(?:\w+: )?(?:(?:the )?(?:request|input) (?:contains? an?|is|was) )?(?:an )?(?:invalid|bad|malformed)(?: (?:request|argument|input|parameter)s?)*(?: error)?\W*$|without an explanation$/i.test(
      message,
    )
  );
}

async function planWithoutPdfs(
  plan: Plan,
  { extent }: RefusedMedia,
  preparation: Preparation,
): Promise<NextPlan | undefined> {
  if (!holdsPdf(plan.request)) return undefined;
  return {
    plan: await planAdapted(plan, plan.request, preparation, { takesPdfs: false }),
    lesson: extent === "all" ? { refuses: "pdfs" } : undefined,
    note: "sent PDFs as text, because the backend refused them",
  };
}

async function planWithoutImages(
  plan: Plan,
  { extent, max }: RefusedMedia,
  preparation: Preparation,
): Promise<NextPlan | undefined> {
  const images = listImages(plan.request);
  if (images.length === 0) return undefined;
  if (extent === "all") {
    const unseen = await planAdapted(plan, plan.request, preparation, { seesImages: false });
    return { plan: unseen, lesson: { refuses: "images" } };
  }
  const isExcess = extent === "beyond" && max !== undefined && max > 0 && max < images.length;
  const left = isExcess ? images.slice(0, images.length - max) : findSuspects(plan.request);
  const lost: ReadonlySet<ImageBlock> = new Set(left);
  const { text } = isExcess ? tooMany(max) : refusedImage;
  const request = leaveOutImages(plan.request, (image) => (lost.has(image) ? text : undefined));
  return {
    plan: await planAdapted(plan, request, preparation),
    lesson: isExcess
      ? { refuses: "more-images", max }
      : { refuses: "these-images", digests: left.map(digestOf) },
    note: "left out images, because the backend refused them",
  };
}

/** The broken ones, or those of the newest turn, because the others were accepted before; else all. */
function findSuspects(request: MessagesRequest): readonly ImageBlock[] {
  const images = listImages(request);
  const broken = images.filter(({ source }) => source.type === "base64" && looksBroken(source.data));
  if (broken.length > 0) return broken;
  const begin = request.messages.findLastIndex(({ role }) => role === "assistant") + 1;
  const newest = listImages({ messages: request.messages.slice(begin) });
  return newest.length > 0 ? newest : images;
}
