/**
 * Has VISION_MODEL describe images for models that cannot see them, and scanned pages. Each image is described once,
 * however many requests contain it at the same time or later, so that a conversation keeps the words of its earlier
 * turns.
 */
import { findUnreadable } from "../adapt/images/adapt-images.ts";
import type { ImageBlock } from "../anthropic/wire.ts";
import { reminderTag } from "../catalog/claude-code/claude-code.ts";
import { createAsyncCache } from "../lib/async-cache.ts";
import { raceTimer } from "../lib/race-timer.ts";
import type { Target } from "../plan/choose-target.ts";
import type { Payer } from "./count-own-call.ts";
import { chooseVisionTarget, type Description, describeImage, type VisionOptions } from "./describe-image.ts";

type Descriptions = ReadonlyMap<ImageBlock, string>;

/** Pages of a PDF that are images. */
type ScannedPages = {
  /** Base64. */
  readonly pdf: string;
  /** Their numbers. */
  readonly pages: readonly number[];
  /** The pictures of pages, as PNG in base64; those that can be read. */
  readonly read: (pages: readonly number[]) => Promise<ReadonlyMap<number, string>>;
};

/** Whose images they are. */
type Asker = Payer & {
  /** Called with words for the log. */
  readonly note: (words: string) => void;
};

export type ImageDescriber = {
  /**
   * What a model that cannot see reads in place of each image that a model with eyes could be shown. Never throws:
   * where there is no description, the words say why. Empty if the target is VISION_MODEL itself.
   */
  describe(images: readonly ImageBlock[], target: Target, asker: Asker): Promise<Descriptions>;
  /** What a model reads on scanned pages, by number; without those that could not be described. Never throws. */
  describePages(scan: ScannedPages, asker: Asker): Promise<ReadonlyMap<number, string>>;
  /** The same, as far as it is known without asking the model; for counting tokens. */
  readonly foreseen: Pick<ImageDescriber, "describe" | "describePages">;
};

/** An image or a page to be described, by its identity. */
type Sight = { readonly key: string; readonly load: Parameters<typeof describeImage>[0] };

/** Descriptions kept in memory. */
const maxKept = 512;
/** Images of one request that are described at the same time, and those that the model is asked about at all. */
const maxAtOnce = 4;
const maxAsked = 20;
/** What a description is counted as before it is known. */
const usual: Description = { description: "word ".repeat(300) };

/** Descriptions by what they describe. */
export function createDescriptions() {
  return createAsyncCache<Description>(maxKept);
}

/** @param model the operator's VISION_MODEL */
export function createImageDescriber(
  model: string,
  options: VisionOptions,
  outcomes = createDescriptions(),
): ImageDescriber {
  /** The images that can be described for this target. */
  function choose(images: readonly ImageBlock[], target: Target): readonly ImageBlock[] {
    if (images.length === 0) return [];
    const own = chooseVisionTarget(model, options);
    const isItself = own.model === target.model && own.url === target.url;
    return isItself ? [] : images.filter((image) => findUnreadable(image) === undefined);
  }

  /** Asks about the sights, a few at a time, for a limited time; those of which nothing is known by then are late. */
  async function look(sights: readonly Sight[], payer: Payer): Promise<ReadonlyMap<Sight, Description>> {
    const known = new Map<Sight, Description>();
    const waiting = sights.values();
    const work = async () => {
      for (const sight of waiting)
        known.set(
          sight,
          await outcomes.getOrFind(sight.key, () => describeImage(sight.load, { model, payer, options })),
        );
    };
    await raceTimer(Promise.all(Array.from({ length: maxAtOnce }, work)), options.pace.descriptionsWithin);
    return new Map(sights.map((sight) => [sight, known.get(sight) ?? { failure: "it took too long" }]));
  }

  /** What is known, and a guess at the rest. One that is still being found out is not waited for. */
  async function foresee(sights: readonly Sight[]): Promise<ReadonlyMap<Sight, Description>> {
    return new Map(
      await Promise.all(
        sights.map(async (sight) => {
          const outcome = await Promise.race([outcomes.get(sight.key) ?? usual, usual]);
          return [sight, outcome] as const;
        }),
      ),
    );
  }

  function tell(outcome: Description, { note }: Asker): void {
    if ("failure" in outcome) note(`left out an image that ${model} did not describe: ${outcome.failure}`);
    else note(`sent descriptions by ${model} in place of images`);
  }

  function createDescriber(see: typeof look): Pick<ImageDescriber, "describe" | "describePages"> {
    return {
      async describe(images, target, asker) {
        const sights = choose(images, target).map((image) => ({
          image,
          key: keyOf(image),
          load: async () => image,
        }));
        const fresh = sights.filter(({ key }) => outcomes.get(key) === undefined);
        const spared = new Set(fresh.slice(0, Math.max(0, fresh.length - maxAsked)));
        const seen = await see(
          sights.filter((sight) => !spared.has(sight)),
          asker,
        );
        return new Map(
          sights.map((sight) => {
            const outcome = seen.get(sight) ?? { failure: `it is asked about ${maxAsked} at once` };
            tell(outcome, asker);
            return [sight.image, wordsFor(outcome, model)];
          }),
        );
      },
      async describePages({ pdf, pages, read }, asker) {
        const file = hashOf(pdf);
        const isKnown = (page: number) => outcomes.get(`${file} ${page}`) !== undefined;
        const asked = new Set(pages.filter((page) => !isKnown(page)).slice(0, maxAsked));
        let pictures: ReturnType<typeof read> | undefined;
        const load = async (page: number) => {
          pictures ??= read([...asked]);
          const data = (await pictures).get(page);
          return data === undefined ? undefined : picture(data);
        };
        const sights = pages
          .filter((page) => asked.has(page) || isKnown(page))
          .map((page) => ({ page, key: `${file} ${page}`, load: () => load(page) }));
        const seen = await see(sights, asker);
        return new Map(
          sights.flatMap((sight) => {
            const outcome = seen.get(sight);
            if (outcome) tell(outcome, asker);
            return outcome && "description" in outcome ? [[sight.page, wordsFor(outcome, model)]] : [];
          }),
        );
      },
    };
  }

  return { ...createDescriber(look), foreseen: createDescriber(foresee) };
}

/** What stands in an image may be hostile: it can neither end its description nor speak as the client. */
const trustedTag = new RegExp(`<(?=/?(?:image_description|${reminderTag})\\b)`, "gi");

function wordsFor(outcome: Description, model: string): string {
  if ("failure" in outcome)
    return `[An image was left out: this model cannot see images, and ${model} did not describe it: ${outcome.failure}. Tell the user.]`;
  const text = outcome.description.replace(trustedTag, "&lt;");
  return `<image_description by="${model.replace(/[\s"<>]+/g, " ")}">\n${text}\n</image_description>`;
}

/** An image's content, whoever sends it. */
function keyOf({ source }: ImageBlock): string {
  const content =
    source.type === "base64" ? source.data : source.type === "url" ? source.url : source.file_id;
  return hashOf(`${source.type} ${content}`);
}

function hashOf(content: string): string {
  return new Bun.CryptoHasher("sha256").update(content).digest("base64");
}

function picture(data: string): ImageBlock {
  return { type: "image", source: { type: "base64", media_type: "image/png", data } };
}
