/**
 * Room `catalog/claude-code/`: what is known about Claude Code and changes with its releases, each fact with the
 * versions it was seen in; 2.1.197, 2.1.330 and 2.1.332 were looked at. This file is its only door. Not here: what the
 * proxy does about a fact, and what Anthropic's API promises to every client (`anthropic/`).
 */
export * from "./identity.ts";
export * from "./installation.ts";
export * from "./models.ts";
export * from "./passages.ts";
export * from "./prompt.ts";
export * from "./reminders.ts";
export * from "./settings.ts";
export * from "./tools.ts";
export * from "./traffic.ts";
export * from "./variables.ts";
