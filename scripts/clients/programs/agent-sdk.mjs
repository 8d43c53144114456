/** The agent SDK: Claude Code with its own tools, and `outputFormat`. */
import { query } from "@anthropic-ai/claude-agent-sdk";
import { citySchema } from "./files.mjs";

const [task, prompt] = process.argv.slice(2);
const options = {
  model: "sonnet",
  allowedTools: ["Read", "Write"],
  permissionMode: "acceptEdits",
  ...(task === "structured" && { outputFormat: { type: "json_schema", schema: citySchema } }),
};

async function perform() {
  for await (const message of query({ prompt, options })) {
    if (message.type !== "result") continue;
    if (message.is_error) return { error: message.result ?? message.errors?.join() };
    return { text: message.result, object: message.structured_output };
  }
  return { error: "there was no result" };
}

console.log(JSON.stringify(await perform().catch((error) => ({ error: error.message }))));
