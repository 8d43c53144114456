/**
 * Recognizes the refusal of an image or a file, in anybody's words: a sentence that names one, and says that no model
 * here takes them, that there are too many, or that something is wrong with it. Checked against the wordings in
 * `test/fixtures/wordings/`.
 */
import type { RefusedMedia } from "../../errors.ts";

/** For a model without vision, OpenRouter answers 404, and llama.cpp and Ollama 500; 0 is an error without a status. */
const statuses: ReadonlySet<number> = new Set([0, 400, 404, 413, 415, 422, 500]);

const imageWord =
  /\b(?:images?|image url|pictures?|photos?|vision|visual|multi ?modal|mmproj|pixels?|image\w*(?:png|jpe?g|gif|webp)\w*)\b|图片|图像/;
const fileWord = /\b(?:pdfs?|files?|documents?|document url|input file)\b|文件/;

/** "not supported", "only supported by", "does not support", "no endpoints found that support", "at most 0". */
const none =
  /\b(?:(?:is|are) only|not|(?:do|does|is|are|ca)nt|no \w+ found that) (?:yet |currently )?(?:support|accept|see|understand|take|allow)\w*\b|\bmodel\b.{0,30}\b(?:cannot|not|cant) (?:process|handle|read|see) (?:\w+ ){0,2}(?:images|pdfs|files|documents)\b|\b(?:cannot|can not|cant) (?:accept|take|support|understand) (?:\w+ ){0,2}(?:images?|pdfs?|files?|documents?)\b|\bis not a multi ?modal\b|\bno (?:vision|images?|visual|multi ?modal|mmproj)\b(?! data)|\bno (?:\w+ )?projector\b|\bmissing data required for\b|\b(?:requires?|needs?) (?:a |an )?(?:vision|multi ?modal)\b|\b(?:do|does|may|must|can) ?(?:not|nt) (?:have|contain|include) (?:any )?(?:images?|vision|visual|multi ?modal)\b|\b(?:vision|multi ?modal\w*|(?:images?|pictures?|pdfs?|documents?|files?) (?:inputs?|contents?|modalit\w+|uploads?|support|understanding))\b.{0,20}\b(?:is|are) (?:disabled|unavailable|not (?:\w+ )?(?:enabled|available))\b|\bat most 0\b|\bunknown variant\b|\binvalid value:? (?:file|image url|document url)\b|\b(?:content )?(?:part )?type:? (?:file|image url|document url)\b|\bunsupported (?:content )?(?:part|block)|\bmust be (?:a )?(?:text|string)|\btext only\b|不支持/;
/** A complaint about the file, not about the kind. */
const format =
  /\b(?:format|mime|media type|extension|svg|bmp|tiff?|heic|avif|webp|gif|octet stream|file type|image type|animated|encrypted|password)\b/;
const broken =
  /\b(?:in|not (?:a )?)valid\b|\bunsupported\b|\bcorrupt\w*|\bdamaged\b|\bmalformed\b|\bbroken\b|\billegal\b|\btruncated\b|\bunknown format\b|\b(?:fail(?:ed|ure|s)?|unable|could ?(?:not|nt)|cannot|cant|can not|not able|error)\b.{0,24}\b(?:load|decod|process|pars|read|open|identif|download|fetch|retriev|access|convert|extract|resiz|handl)\w*|\bwhile (?:downloading|decoding|processing|loading)\b|\bdo(?:es)? not (?:represent|meet|match)\b|\bexceed\w*|\btoo (?:large|big|small|long|high|wide|tall)\b|\b\d+ pages\b|\bunrecogni[sz]ed\b|\btime ?out\b|\btimed out\b|\b(?:un|not )reachable\b|\bonly\b.{0,40}\b(?:jpe?g|png|gif|webp)\b|\bexpected image\b.{0,40}\b(?:got|found|but)\b|\b(?:larger|smaller|bigger|greater) than\b|\bmust be (?:at least|at most|less|between)\b|\bmax(?:imum)? (?:allowed )?(?:size|dimension|pixel)|\bempty\b|\btype: input should be\b|无法|失败|过大|错误/;
const tooMany =
  /\bat most (\d+) (?:image|file|pdf|document)|\b(?:up to|(?:a )?maximum(?: of| number of \w+ (?:is|of))?|no more than|limit(?: of)?|exceeds? (?:the )?(?:limit|maximum) of|max|only) (\d+) (?:input )?(?:image|picture|photo|file|pdf|document)s?\b|\b\d+ (?:image|picture|file|pdf|document)s\b\W.{0,20}?\b(?:limit|max(?:imum)?)(?: of| is|:)? (\d+)|\b(?:number|count) of (?:image|file|pdf|document)s\b.{0,30}?(?:exceed|limit|max)\w*\D{0,20}(\d+)|\btoo many (?:input )?(?:image|file|pdf|document)s?\b(?:[\s\S]*?\b(?:up to|at most|max(?:imum)?(?: of)?|limit:?(?: of| is)?) (\d+))?|\bimage=(\d+)\b.*\bpassed \d+ image|\b(?:image|file)s? (?:count|number)\b.{0,40}?(?:exceed|limit|max)\D{0,20}(\d+)/;

export function readRefusedMedia(status: number, said: string): RefusedMedia | undefined {
  if (!statuses.has(status)) return undefined;
  const text = normalize(said);
  return (
    readExcess(text) ??
    text
      .split(/[.;。]+\s|\n/)
      .map(readSentence)
      .find((refusal) => refusal !== undefined)
  );
}

function readExcess(text: string): RefusedMedia | undefined {
  const many = tooMany.exec(text);
  const max = many?.slice(1).find((number) => number !== undefined);
  if (!many || max === "0") return undefined;
  const media = imageWord.test(many[0]) ? "image" : "pdf";
  return { media, extent: "beyond", ...(max !== undefined && { max: Number(max) }) };
}

function readSentence(text: string): RefusedMedia | undefined {
  if (otherSubject.test(text)) return undefined;
  const media = imageWord.test(text) ? "image" : fileWord.test(text) ? "pdf" : undefined;
  if (!media) return loneFormat.test(text) ? { media: "image", extent: "one" } : undefined;
  if (none.test(text) && !(format.test(text) && broken.test(text))) {
    return { media, extent: format.test(text) && media === "image" ? "one" : "all" };
  }
  // A file that is no PDF may be anything, such as the server's own.
  const isMeant = imageItself.test(text) || /\bpdfs?\b|\bdocuments?\b/.test(text);
  return isMeant && broken.test(text) ? { media, extent: "one" } : undefined;
}

/** Not what sees it: "vision" may be part of a model's name. */
const imageItself = new RegExp(imageWord.source.replace("vision|visual|", ""));

/** Names of tools and texts of schemas may contain any word. */
const otherSubject = /\b(?:tools?|functions?|schemas?)\b(?! (?:results?|messages?|outputs?|role))/;

/** Ollama and Go's decoders, and the complaints of base64 decoders, name no image. */
const loneFormat = /^(?:image: )?unknown format$|\billegal base64 data\b|\bunsupported mime type\b/;

/** "llama-3.2-90b-vision-preview" says nothing about images. */
const modelName = /(?<![\w./:-])(?!image\/|data:)(?=[\w./:-]*\d)[\w.]+[-/][\w./:-]*(?:vision|image)[\w.:-]*/g;

/** Without the marks of code, so that `image_url` is two words. */
function normalize(text: string): string {
  return text
    .slice(0, maxText)
    .toLowerCase()
    .replace(modelName, "")
    .replace(/[`'"’*]/g, "")
    .replace(/[ \t_-]+/g, " ");
}

const maxText = 2000;
