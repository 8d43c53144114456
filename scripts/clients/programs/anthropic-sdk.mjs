/** The official SDK: streams, its tool runner, and `parse` for structured output. */
import Anthropic from "@anthropic-ai/sdk";
import { betaTool } from "@anthropic-ai/sdk/helpers/beta/json-schema";
import { jsonSchemaOutputFormat } from "@anthropic-ai/sdk/helpers/json-schema";
import { citySchema, fileTools } from "./files.mjs";

const [task, prompt] = process.argv.slice(2);
const client = new Anthropic();
const request = {
  model: "claude-sonnet-5",
  max_tokens: 1000,
  messages: [{ role: "user", content: prompt }],
};

async function perform() {
  switch (task) {
    case "structured": {
      const format = jsonSchemaOutputFormat(citySchema);
      return {
        object: (await client.messages.parse({ ...request, output_config: { format } })).parsed_output,
      };
    }
    case "tools": {
      const tools = Object.entries(fileTools).map(([name, { description, schema, run }]) =>
        betaTool({ name, description, inputSchema: schema, run }),
      );
      const { content } = await client.beta.messages.toolRunner({ ...request, tools });
      return { text: content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("") };
    }
    default:
      return { text: await client.messages.stream(request).finalText() };
  }
}

console.log(JSON.stringify(await perform().catch((error) => ({ error: error.message }))));
