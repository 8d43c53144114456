/** Small PDFs for tests, written by hand: every object plain, so that a test says what is in the file. */
import { Buffer } from "node:buffer";
import { deflateSync } from "node:zlib";

export type PdfOptions = {
  readonly title?: string;
  /** Requires a password that nobody has. */
  readonly encrypted?: boolean;
  /** Dictionaries of annotations on the first page. */
  readonly annotations?: readonly string[];
  /** The image `/I`, if not one gray pixel: the entries of its dictionary, and its bytes. */
  readonly image?: { readonly entries: string; readonly bytes: Uint8Array };
  /** Dictionaries of more fonts than `/F`, by name. */
  readonly fonts?: Readonly<Record<string, string>>;
};

/**
 * A page is its lines of text in Latin letters, only an image, what it draws (with the font `/F` and the image `/I`),
 * or bytes that filters decode.
 */
export type PdfPage = readonly string[] | "picture" | { readonly draws: string } | FilteredPage;
export type FilteredPage = { readonly filters: readonly string[]; readonly bytes: Uint8Array };

const grayPixel = {
  entries: "/Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8",
  bytes: Buffer.from("x"),
};

export function writePdf(
  pages: readonly PdfPage[],
  { title, encrypted = false, annotations = [], fonts = {}, image = grayPixel }: PdfOptions = {},
): Buffer {
  const first = 5;
  const kids = pages.map((_, i) => `${first + i * 2} 0 R`).join(" ");
  const moreFonts = Object.entries(fonts).map(([name, dictionary]) => ` /${name} ${dictionary}`);
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Count ${pages.length} /Kids [${kids}] >>`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    stream(`/Type /XObject /Subtype /Image ${image.entries}`, Buffer.from(image.bytes).toString("latin1")),
    ...pages.flatMap((page, i) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents ${first + i * 2 + 1} 0 R ` +
        `/Resources << /Font << /F 3 0 R${moreFonts.join("")} >> /XObject << /I 4 0 R >> >>` +
        `${i === 0 ? ` /Annots [${annotations.join(" ")}]` : ""} >>`,
      writePage(page),
    ]),
    title === undefined ? "<< >>" : `<< /Title ${literal(title)} >>`,
  ];
  const info = objects.length;
  if (encrypted) {
    const hash = "0".repeat(64);
    objects.push(`<< /Filter /Standard /V 1 /R 2 /O <${hash}> /U <${hash}> /P -4 >>`);
  }
  const extra = encrypted ? ` /Encrypt ${info + 1} 0 R /ID [<00> <00>]` : "";
  return assemble(objects, `/Info ${info} 0 R${extra}`);
}

/** The dictionary of a font for Asian letters that is not in the file. */
export function asianFont(encoding: string, ordering: string): string {
  const name = "/Type /Font /BaseFont /NotEmbedded";
  const descriptor = "<< /Type /FontDescriptor /FontName /NotEmbedded /Flags 4 >>";
  const system = `/CIDSystemInfo << /Registry (Adobe) /Ordering (${ordering}) /Supplement 2 >>`;
  const descendant = `<< ${name} /Subtype /CIDFontType0 ${system} /DW 1000 /FontDescriptor ${descriptor} >>`;
  return `<< ${name} /Subtype /Type0 /Encoding /${encoding} /DescendantFonts [${descendant}] >>`;
}

/** The first half of a PDF, without its cross-reference table. */
export function cutPdf(pdf: Buffer): Buffer {
  return pdf.subarray(0, 60);
}

function writePage(page: PdfPage): string {
  if (page === "picture") return stream("", "612 0 0 792 0 0 cm /I Do");
  if ("draws" in page) return stream("", page.draws);
  if (!("filters" in page)) return stream("", writeLines(page));
  const filters = page.filters.map((filter) => `/${filter}`).join(" ");
  return stream(`/Filter [${filters}]`, Buffer.from(page.bytes).toString("latin1"));
}

/** What the page says, deflated as often as asked. */
export function deflatePage(content: Uint8Array, times: number): FilteredPage {
  let bytes = content;
  for (let i = 0; i < times; i++) bytes = deflateSync(bytes, { level: 9 });
  return { filters: new Array<string>(times).fill("FlateDecode"), bytes };
}

function writeLines(lines: readonly string[]): string {
  return `BT /F 12 Tf 14 TL 72 720 Td ${lines.map((line) => `${literal(line)} Tj T*`).join("\n")} ET`;
}

function stream(entries: string, content: string): string {
  return `<< ${entries} /Length ${content.length} >>\nstream\n${content}\nendstream`;
}

function literal(text: string): string {
  return `(${text.replace(/[\\()]/g, "\\$&")})`;
}

function assemble(objects: readonly string[], trailer: string): Buffer {
  let file = "%PDF-1.4\n";
  const offsets: number[] = [];
  for (const [i, object] of objects.entries()) {
    offsets.push(file.length);
    file += `${i + 1} 0 obj\n${object}\nendobj\n`;
  }
  const table = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  const size = objects.length + 1;
  return Buffer.from(
    `${file}xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<< /Size ${size} /Root 1 0 R ${trailer} >>\n` +
      `startxref\n${file.length}\n%%EOF\n`,
    "latin1",
  );
}
