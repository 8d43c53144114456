import { describe, expect, test } from "bun:test";
import { type PdfReading, readPdf } from "../../src/lib/read-pdf.ts";
import { asianFont, writePdf } from "../support/write-pdf.ts";

const read = (pdf: Uint8Array): Promise<PdfReading> =>
  readPdf(Uint8Array.from(pdf), { deadlineMs: 60_000, maxPages: 10, maxCharacters: 1_000_000 });

const pages = (...texts: string[]) => texts.map((text) => ({ text, isPicture: false }));

test("values of form fields and notes are read", async () => {
  const rect = "/Rect [10 10 200 30]";
  const annotations = [
    `<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (Ann Lee) ${rect} >>`,
    `<< /Type /Annot /Subtype /Widget /FT /Ch /T (town) /V (Rome) /Opt [(Rome) (Oslo)] ${rect} >>`,
    `<< /Type /Annot /Subtype /Text /Contents (Please check) ${rect} >>`,
  ];
  const reading = await read(writePdf([["A form"], ["More"]], { annotations }));
  expect(reading).toMatchObject({
    pages: pages("A form\n\nNote: Please check\nname: Ann Lee\ntown: Rome", "More"),
  });
});

describe("a font that is not embedded gives its letters:", () => {
  // The bytes of the text in the encoding of the font.
  const rows: [name: string, encoding: string, ordering: string, bytes: string, text: string][] = [
    ["Simplified Chinese, GBK", "GBK-EUC-H", "GB1", "bcf2cce5d6d0cec4", "简体中文"],
    ["Simplified Chinese, UTF-16", "UniGB-UTF16-H", "GB1", "7b804f534e2d6587", "简体中文"],
    ["Traditional Chinese, Big5", "ETen-B5-H", "CNS1", "c163c5e9a4a4a4e5", "繁體中文"],
    ["Traditional Chinese, UCS-2", "UniCNS-UCS2-H", "CNS1", "7e419ad44e2d6587", "繁體中文"],
    ["Japanese, Shift JIS", "90ms-RKSJ-H", "Japan1", "93fa967b8cea8365", "日本語テ"],
    ["Japanese, half-width letters", "90msp-RKSJ-H", "Japan1", "414293fa", "AB日"],
    ["Japanese, EUC", "EUC-H", "Japan1", "c6fccbdcb8ec", "日本語"],
    ["Japanese, numbers of glyphs", "Identity-H", "Japan1", "0ccb0ccb", "二二"],
    ["Korean, UHC", "KSCms-UHC-H", "Korea1", "c7d1b1db", "한글"],
    ["Korean, UCS-2", "UniKS-UCS2-H", "Korea1", "d55cae00", "한글"],
  ];
  for (const [name, encoding, ordering, bytes, text] of rows) {
    test(name, async () => {
      const page = { draws: `BT /J 12 Tf 72 720 Td <${bytes}> Tj ET` };
      const pdf = writePdf([page], { fonts: { J: asianFont(encoding, ordering) } });
      expect(await read(pdf)).toMatchObject({ pages: pages(text) });
    });
  }

  test("Latin, without an encoding", async () => {
    const fonts = { L: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>" };
    const pdf = writePdf([{ draws: "BT /L 12 Tf 72 720 Td (Hello W\\344rld) Tj ET" }], { fonts });
    expect(await read(pdf)).toMatchObject({ pages: pages("Hello Wärld") });
  });
});

test("letters that only fonts need become those that people write", async () => {
  const encoding = "<< /Differences [65 /uni2F42 /uniF001 /uniFB02] >>";
  const fonts = { L: `<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding ${encoding} >>` };
  const pdf = writePdf([{ draws: "BT /L 12 Tf 72 720 Td (AB C) Tj ET" }], { fonts });
  expect(await read(pdf)).toMatchObject({ pages: pages("文fi fl") });
});

describe("pieces drawn in any order come in the order of reading:", () => {
  const at = (x: number, y: number, words: string, turn = "1 0 0 1") =>
    `BT /F 10 Tf ${turn} ${x} ${y} Tm (${words}) Tj ET`;
  const rows: [name: string, drawn: string[], text: string][] = [
    ["lines from the bottom", [at(72, 600, "two"), at(72, 614, "one")], "one\ntwo"],
    [
      "a table by columns",
      [at(72, 614, "Pears"), at(72, 600, "Figs"), at(200, 614, "7"), at(200, 600, "12")],
      "Pears  7\nFigs  12",
    ],
    ["words from the right", [at(103, 600, "world"), at(72, 600, "Hello,")], "Hello, world"],
    [
      "a label along the margin",
      [at(20, 100, "Label", "0 1 -1 0"), at(72, 614, "Text on the page")],
      "Text on the page\n\nLabel",
    ],
    ["a page on its side", [at(114, 72, "two", "0 1 -1 0"), at(100, 72, "one", "0 1 -1 0")], "one\ntwo"],
  ];
  for (const [name, drawn, text] of rows) {
    test(name, async () => {
      const reading = await read(writePdf([{ draws: drawn.join("\n") }]));
      const laidOut = reading.kind === "text" ? reading.pages[0]?.text : reading.kind;
      expect(laidOut?.replace(/ {3,}/g, "  ")).toBe(text);
    });
  }

  test("Japanese from top to bottom", async () => {
    const draws = "BT /J 12 Tf 72 720 Td <93fa967b> Tj ET BT /J 12 Tf 90 720 Td <8cea> Tj ET";
    const pdf = writePdf([{ draws }], { fonts: { J: asianFont("90ms-RKSJ-V", "Japan1") } });
    expect(await read(pdf)).toMatchObject({ pages: pages("語\n日本") });
  });
});

describe("a page covered by images:", () => {
  const label = "BT /F 9 Tf 280 30 Td (Page 1 of 5) Tj ET";
  const scan = "612 0 0 792 0 0 cm /I Do";
  const rows: [name: string, draws: string, text: string, isPicture: boolean][] = [
    ["with a number", `q ${scan} Q ${label}`, "Page 1 of 5", true],
    ["in strips", `${`q 612 0 0 264 0 ${0} cm /I Do Q `.repeat(3)} ${label}`, "Page 1 of 5", true],
    [
      "within a scaled page",
      `q .5 0 0 .5 0 0 cm q 1224 0 0 1584 0 0 cm /I Do Q Q ${label}`,
      "Page 1 of 5",
      true,
    ],
    ["inline", `q 612 0 0 792 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID x EI Q ${label}`, "Page 1 of 5", true],
    ["a logo does not", `q 100 0 0 100 0 0 cm /I Do Q ${label}`, "Page 1 of 5", false],
    ["an image outside the page does not", `q 612 0 0 792 700 0 cm /I Do Q ${label}`, "Page 1 of 5", false],
    ["a scale alone does not", `q 612 0 0 792 0 0 cm 0 0 .1 .1 re f Q ${label}`, "Page 1 of 5", false],
  ];
  test.each(rows)("%s", async (_, draws, text, isPicture) => {
    expect(await read(writePdf([{ draws }]))).toMatchObject({ pages: [{ text, isPicture }] });
  });

  test("a few words far apart are a label", async () => {
    const draws = `q ${scan} Q ${label} BT /F 9 Tf 30 760 Td (Acme) Tj ET BT /F 9 Tf 560 760 Td (Draft) Tj ET`;
    expect(await read(writePdf([{ draws }]))).toMatchObject({ pages: [{ isPicture: true }] });
  });

  test("a scan whose text was recognized has its text", async () => {
    const lines = Array(20).fill("(Recognized words of the scan) Tj T*").join(" ");
    const draws = `q ${scan} Q BT 3 Tr /F 12 Tf 14 TL 72 720 Td ${lines} ET`;
    expect(await read(writePdf([{ draws }]))).toMatchObject({ pages: [{ isPicture: false }] });
  });
});
