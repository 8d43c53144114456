/** Shell completions, printed by the program itself. */
import type { ArchiveFile } from "./archive-file.ts";

/** The file names that each shell looks for. */
const shells = {
  bash: "claude-code-proxy.bash",
  zsh: "_claude-code-proxy",
  fish: "claude-code-proxy.fish",
  powershell: "claude-code-proxy.ps1",
} as const;

/** @throws Error when the program does not print them */
export async function readCompletions(program: string): Promise<readonly ArchiveFile[]> {
  return Promise.all(
    Object.entries(shells).map(async ([shell, file]) => {
      const child = Bun.spawn([program, "completions", shell], { env: {}, stdout: "pipe", stderr: "pipe" });
      const [contents, complaint] = await Promise.all([
        new Response(child.stdout).arrayBuffer(),
        new Response(child.stderr).text(),
      ]);
      if ((await child.exited) !== 0 || contents.byteLength === 0)
        throw new Error(`Cannot read the completions for ${shell}: ${complaint.trim() || "there are none"}`);
      return { path: `completions/${file}`, contents: new Uint8Array(contents) };
    }),
  );
}
