/** The settings files of Claude Code. The variables in their `env` replace those that it was started with. */

/** The user's own directory, and the variable that names another one. Seen in 2.1.197 to 2.1.332. */
export const configDirectory = { name: ".claude", variable: "CLAUDE_CONFIG_DIR" } as const;

/**
 * Their names: the first in the user's and the project's directory, the second, which belongs in no repository, in the
 * project's and in that of the whole repository. Seen in 2.1.332.
 */
export const settingsFiles = { shared: "settings.json", local: "settings.local.json" } as const;

/** What an administrator has set, which nothing replaces: a file, and a directory of more. Seen in 2.1.332. */
export const managedSettings = {
  directories: {
    darwin: "/Library/Application Support/ClaudeCode",
    win32: "C:\\Program Files\\ClaudeCode",
    other: "/etc/claude-code",
  },
  file: "managed-settings.json",
  more: "managed-settings.d",
} as const;

/** The flag whose file replaces what those of user and project set; of several, only the last counts. Seen in 2.1.332. */
export const settingsFlag = "--settings";

/**
 * The flag for one answer without a screen; only then does it complain on stderr of names it does not know. Seen in
 * 2.1.332.
 */
export const printFlag = /^(?:-p|--print)$/;

/** A command whose output is a key, and is sent in place of the token. An empty one is none. Seen in 2.1.332. */
export const keyHelper = "apiKeyHelper";

/** Of the variables in a settings file: keys, which only one server takes. Seen in 2.1.332. */
export const keyVariable = /^ANTHROPIC_(?:AUTH_TOKEN|API_KEY)$/;

/**
 * Those that mean something to one server only, besides the ones that choose it: keys, headers, names of models. An
 * empty one counts as unset. Seen in 2.1.332.
 */
export const serverVariable = /^ANTHROPIC_/;
