/** The thread that writes and reads the database for `store.ts`. */
import { createKeeper, type Keeper } from "./keeper.ts";
import type { StoreOrder, StoreWord } from "./store.ts";

declare const self: Worker;

/** How long to wait before rows that could not be written are tried again, ms. */
const retryMs = 5000;

let keeper: Keeper | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;

function tell(word: StoreWord): void {
  self.postMessage(word);
}

function write(entries: Extract<StoreOrder, { type: "keep" }>["entries"]): void {
  clearTimeout(retry);
  if (keeper?.keep(entries) === false) retry = setTimeout(() => write([]), retryMs);
}

self.onmessage = ({ data: order }: MessageEvent<StoreOrder>) => {
  switch (order.type) {
    case "open":
      keeper = createKeeper({ ...order, warn: (words) => tell({ type: "warning", words }) });
      return;
    case "keep":
      return write(order.entries);
    case "sum":
      return tell({ type: "sums", id: order.id, sums: keeper?.sum(order.query) });
    case "close":
      clearTimeout(retry);
      return tell({ type: "closed", lost: keeper?.close() ?? 0 });
    default:
      order satisfies never;
  }
};
