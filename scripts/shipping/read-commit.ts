/** Asks Git about the sources. */

/**
 * The full hash of the current commit, followed by `-dirty` if tracked files differ from it or there are new ones;
 * "unknown" outside a clone.
 */
export async function readCommit(root: string): Promise<string> {
  const [head, changes] = await Promise.all([
    git(root, "rev-parse", "HEAD"),
    git(root, "status", "--porcelain"),
  ]);
  if (!head) return "unknown";
  return changes === "" ? head : `${head}-dirty`;
}

/** The output of Git; undefined if there is no Git or no clone. */
async function git(cwd: string, ...words: readonly string[]): Promise<string | undefined> {
  if (!Bun.which("git")) return undefined;
  const child = Bun.spawn(["git", ...words], { cwd, stdout: "pipe", stderr: "ignore" });
  const text = await new Response(child.stdout).text();
  return (await child.exited) === 0 ? text.trim() : undefined;
}
