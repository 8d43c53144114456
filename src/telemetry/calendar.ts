/** Days in the time zone of this machine. All times are Unix times, ms. */

/** When the day of a time began. */
export function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** When the day that begins at a time ends. */
export function endOfDay(start: number): number {
  const end = new Date(start);
  return end.setDate(end.getDate() + 1);
}

/** `startOfDay`, which asks the calendar only when another day has come. */
export function createDayFinder(): (at: number) => number {
  let start = 0;
  let end = 0;
  return (at) => {
    if (at < start || at >= end) {
      start = startOfDay(at);
      end = endOfDay(start);
    }
    return start;
  };
}
