/** The types of blocks in which Anthropic's servers put what their own tools found; apart from the schemas, for speed. */
export const serverToolResultTypes = [
  "web_search_tool_result",
  "web_fetch_tool_result",
  "code_execution_tool_result",
  "bash_code_execution_tool_result",
  "text_editor_code_execution_tool_result",
  "tool_search_tool_result",
  "advisor_tool_result",
] as const;
