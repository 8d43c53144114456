/** Where Claude Code's program is put, and how to get it. */

/** The program's name, without an extension. Seen in 2.1.197 to 2.1.332. */
export const clientProgram = "claude";

/**
 * Where its installers put it: the native one and the local one before it, npm and other package managers, Homebrew.
 * Shells often know such a place only after a new login. `~` is the home directory, `%NAME%` a variable; `*` stands for
 * any directory. Seen with 2.1.197 to 2.1.332.
 */
export const programPlaces = {
  posix: [
    "~/.local/bin",
    "~/.claude/local",
    "/opt/homebrew/bin",
    "/usr/local/bin",
    "/home/linuxbrew/.linuxbrew/bin",
    "~/.npm-global/bin",
    "~/.npm/bin",
    "~/.volta/bin",
    "~/.bun/bin",
    "~/.local/share/pnpm",
    "~/Library/pnpm",
    "~/.nvm/versions/node/*/bin",
  ],
  win32: [
    "%USERPROFILE%\\.local\\bin",
    "%USERPROFILE%\\.claude\\local",
    "%APPDATA%\\npm",
    "%LOCALAPPDATA%\\Microsoft\\WinGet\\Links",
    "%LOCALAPPDATA%\\pnpm",
    "%USERPROFILE%\\.bun\\bin",
  ],
} as const;

/** What installs it, on one line. Seen for 2.1.332. */
export const installCommands = {
  posix: "curl -fsSL https://claude.ai/install.sh | bash",
  win32: "irm https://claude.ai/install.ps1 | iex",
} as const;
