/**
 * How much a client wants a type, from 0 to 1, by what its `Accept` header says of that very type.
 * @param accept the header; "" if there is none
 */
export function qualityOf(type: string, accept: string): number {
  const wishes = accept.toLowerCase().split(",");
  return Math.max(0, ...wishes.filter((wish) => wish.split(";")[0]?.trim() === type).map(readQuality));
}

function readQuality(wish: string): number {
  return Number(/;\s*q=(\d(?:\.\d*)?)\s*(?:;|$)/.exec(wish)?.[1] ?? 1);
}
