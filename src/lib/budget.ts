/** An amount shared by many users, such as memory. */

export type Budget = {
  /** An empty share, which grows as its owner needs more. */
  open(): Share;
  /** What all shares hold together. */
  readonly taken: number;
};

export type Share = {
  /** Takes more; returns false, and takes nothing, if not enough is left. */
  grow(amount: number): boolean;
  /** Gives everything back. May be called again. */
  close(): void;
};

/** @param onClose told how much a share gives back */
export function createBudget(limit: number, onClose: (amount: number) => void = () => {}): Budget {
  let left = limit;
  return {
    get taken() {
      return limit - left;
    },
    open() {
      let taken = 0;
      return {
        grow(amount) {
          if (amount > left) return false;
          left -= amount;
          taken += amount;
          return true;
        },
        close() {
          const given = taken;
          left += given;
          taken = 0;
          onClose(given);
        },
      };
    },
  };
}
