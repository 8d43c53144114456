/** The tag in which Claude Code talks to the model inside a user message. */

/** Seen in 2.1.197 to 2.1.332. */
export const reminderTag = "system-reminder";

/** All reminders in a text; none is nested in another. Seen in 2.1.197 to 2.1.332. */
export const reminders = new RegExp(`<${reminderTag}>[\\s\\S]*?</${reminderTag}>`, "g");

/** Models read the tag as coming from the system. */
export function writeReminder(words: string): string {
  return `<${reminderTag}>\n${words}\n</${reminderTag}>`;
}
