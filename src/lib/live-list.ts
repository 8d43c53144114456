/**
 * Things in progress, in the order in which they came. Every request joins several lists and soon leaves them. A `Set`
 * would keep requests in memory that have left it: when its table is full of deleted entries it takes a new one, and the
 * old ones stay linked. Those that survived a minor collection keep their requests until the next full one; with Bun
 * 1.4.5 that was a third of all requests. A member that has left this list is linked to nothing.
 */

/** What can be in a list, and in one only: `class Call extends Member<Call>`. */
export abstract class Member<Self> {
  before: Self | undefined;
  after: Self | undefined;
  isListed = false;
}

export class LiveList<Item extends Member<Item>> implements Iterable<Item> {
  #first: Item | undefined;
  #last: Item | undefined;
  #size = 0;

  get first(): Item | undefined {
    return this.#first;
  }

  get size(): number {
    return this.#size;
  }

  /** Puts a member that is in no list at the end. */
  add(item: Item): void {
    item.isListed = true;
    item.before = this.#last;
    if (this.#last) this.#last.after = item;
    else this.#first = item;
    this.#last = item;
    this.#size += 1;
  }

  /** Whether the member was in the list. */
  delete(item: Item): boolean {
    if (!item.isListed) return false;
    const { before, after } = item;
    if (before) before.after = after;
    else this.#first = after;
    if (after) after.before = before;
    else this.#last = before;
    item.isListed = false;
    item.before = undefined;
    item.after = undefined;
    this.#size -= 1;
    return true;
  }

  /** Those that are in the list now, without those that leave before their turn. */
  *[Symbol.iterator](): Generator<Item> {
    const items: Item[] = [];
    for (let item = this.#first; item; item = item.after) items.push(item);
    for (const item of items) if (item.isListed) yield item;
  }
}
