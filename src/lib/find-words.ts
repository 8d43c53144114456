/**
 * Finds any of several words in a text that arrives in pieces. Looks at each character once, however many words there
 * are. Source of the algorithm: Aho and Corasick, "Efficient string matching", 1975.
 */

type WordFinder = {
  /** Reads the next UTF-16 unit. Returns the longest word that ends with it, if any. */
  read(unit: number): string | undefined;
  /** The length of the longest suffix read so far that begins a word. */
  readonly pending: number;
  /** Forgets everything read so far. */
  reset(): void;
};

type Node = {
  readonly depth: number;
  readonly next: Map<number, Node>;
  /** The longest word that ends here. */
  word: string | undefined;
  /** The node of the longest proper suffix that also begins a word; the root has none. */
  fallback: Node | undefined;
};

/** @param words must not contain an empty word */
export function createWordFinder(words: readonly string[]): WordFinder {
  const root = buildTree(words);
  let node = root;
  return {
    read(unit) {
      let from: Node | undefined = node;
      while (from && !from.next.has(unit)) from = from.fallback;
      node = from?.next.get(unit) ?? root;
      return node.word;
    },
    get pending() {
      return node.depth;
    },
    reset() {
      node = root;
    },
  };
}

function buildTree(words: readonly string[]): Node {
  const root: Node = { depth: 0, next: new Map(), word: undefined, fallback: undefined };
  for (const word of words) {
    let node = root;
    for (let at = 0; at < word.length; at++) node = addChild(node, word.charCodeAt(at));
    node.word = word;
  }
  // Level by level: a fallback is always nearer to the root, so it is complete before it is needed.
  for (let level = [root]; level.length > 0; level = level.flatMap((node) => [...node.next.values()])) {
    for (const node of level) for (const [unit, child] of node.next) addFallback(child, node, unit, root);
  }
  return root;
}

function addChild(node: Node, unit: number): Node {
  const known = node.next.get(unit);
  if (known) return known;
  const child: Node = { depth: node.depth + 1, next: new Map(), word: undefined, fallback: undefined };
  node.next.set(unit, child);
  return child;
}

function addFallback(child: Node, parent: Node, unit: number, root: Node): void {
  let from = parent.fallback;
  while (from && !from.next.has(unit)) from = from.fallback;
  child.fallback = from?.next.get(unit) ?? root;
  child.word ??= child.fallback.word;
}
