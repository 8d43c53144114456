/** The tag in which Claude Code speaks to the model inside a message of the user. */

/** Seen in 2.1.197 to 2.1.332. */
export const reminderTag = "system-reminder";

/** All reminders in a text; none is nested in another. Seen in 2.1.197 to 2.1.332. */
export const reminders = new RegExp(`<${reminderTag}>[\\s\\S]*?</${reminderTag}>`, "g");

/** Models know the tag as the voice of the system. */
export function writeReminder(words: string): string {
  return `<${reminderTag}>\n${words}\n</${reminderTag}>`;
}
