/** PDFs of a few kilobytes that decode to gigabytes. */
import { deflatePage, type PdfPage, writePdf } from "../../test/support/write-pdf.ts";
import { type Attack, ask, must, question } from "./attack.ts";
import { measured } from "./hostile-backends.ts";
import { watch } from "./target.ts";

function pdfAttack(name: string, load: string, page: () => PdfPage): Attack {
  return {
    name: `PDF: ${name}`,
    load,
    async run({ proxy }) {
      const data = writePdf([page()]).toString("base64");
      const source = { type: "base64", media_type: "application/pdf", data };
      const body = question("answer", {
        messages: [{ role: "user", content: [{ type: "document", source }] }],
      });
      let status = 0;
      const { growth, wait } = await watch(proxy, async () => {
        status = (await ask(proxy, body)).status;
      });
      must(status === 200, `the answer was ${status}`);
      return `${Math.ceil(data.length / 1000)} kB, ${measured(growth, wait)}`;
    },
  };
}

const gigabyte = (fill: string) => Buffer.alloc(1_000_000_000, fill);
const runs = () => new Uint8Array(8_000_000).map((_, at) => (at % 2 === 0 ? 129 : 32));

export const hostileDocuments: readonly Attack[] = [
  pdfAttack("deflated", "1 GB of spaces", () => deflatePage(gigabyte(" "), 1)),
  pdfAttack("deflated twice", "1 GB of text", () => deflatePage(gigabyte("BT /F 12 Tf (Hello) Tj ET "), 2)),
  pdfAttack("steps", "30 MB of steps that draw nothing", () =>
    deflatePage(Buffer.alloc(30_000_000, "q Q "), 1),
  ),
  pdfAttack("runs", "0.5 GB in runs of one byte", () => ({
    filters: ["FlateDecode", "RunLengthDecode"],
    bytes: deflatePage(runs(), 1).bytes,
  })),
];
