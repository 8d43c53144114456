export type Opened<Item> = {
  readonly first: Item;
  /** What follows the first item. */
  readonly rest: AsyncIterableIterator<Item, void>;
};

/**
 * An iterator that is opened by the first call of `next`. Later calls go straight to the opened iterator, with no
 * layer in between.
 */
export function deferIterator<Item>(open: () => Promise<Opened<Item>>): AsyncIterableIterator<Item, void> {
  let rest: Opened<Item>["rest"] | undefined;
  /** Let go once it has been used: it may hold much that only the opening needs, such as the body of a request. */
  let unopened: typeof open | undefined = open;
  async function begin(): Promise<IteratorResult<Item, void>> {
    const opened = await unopened?.();
    if (!opened) return { value: undefined, done: true };
    unopened = undefined;
    rest = opened.rest;
    // Of several of these, each within another, all are now the innermost. Only a generator's `next` needs a `this`.
    if (Object.hasOwn(rest, "next")) iterator.next = rest.next;
    return { value: opened.first, done: false };
  }
  const iterator: AsyncIterableIterator<Item, void> = {
    next: () => (rest ? rest.next() : begin()),
    async return() {
      await rest?.return?.();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  return iterator;
}
