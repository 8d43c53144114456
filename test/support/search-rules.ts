/**
 * How each provider expects a web search, as strictly as its reference says: a search option that the real one would
 * refuse is refused. Each is accepted only if a test lists it among the server's extensions.
 */
import { z } from "zod";

const domain = z.string().regex(/^[\w-]+(\.[\w-]+)+(\/\S*)?$/);
const domains = (most: number) => z.array(domain).min(1).max(most);
const location = {
  city: z.string().optional(),
  region: z.string().optional(),
  country: z.string().length(2).optional(),
  timezone: z.string().optional(),
};
const positive = z.number().int().positive().optional();

/** Tools that the server runs itself, by type. */
const servedTools: Readonly<Record<string, z.ZodType>> = {
  "openrouter:web_search": z.strictObject({
    type: z.string(),
    parameters: z
      .strictObject({
        engine: z.enum(["auto", "native", "exa", "firecrawl", "parallel", "perplexity"]).optional(),
        max_results: positive,
        max_total_results: positive,
        max_uses: positive,
        allowed_domains: domains(100).optional(),
        excluded_domains: domains(100).optional(),
        user_location: z.strictObject({ type: z.literal("approximate"), ...location }).optional(),
      })
      .optional(),
  }),
  "openrouter:web_fetch": z.strictObject({
    type: z.string(),
    parameters: z
      .strictObject({
        max_uses: positive,
        max_content_tokens: positive,
        allowed_domains: domains(100).optional(),
        blocked_domains: domains(100).optional(),
      })
      .optional(),
  }),
  // Z.ai: "web_search tool requires web_search object"
  web_search: z.strictObject({
    type: z.string(),
    web_search: z.strictObject({
      enable: z.boolean(),
      search_engine: z.literal("search_pro_jina"),
      search_result: z.boolean().optional(),
      search_query: z.string().min(1).optional(),
      search_domain_filter: domain.optional(),
    }),
  }),
};

/** Fields at the top, by name. */
const searchFields: Readonly<Record<string, z.ZodType>> = {
  // Perplexity's; OpenAI's own is among the rules of OpenAI.
  web_search_options: z.strictObject({
    search_context_size: z.enum(["low", "medium", "high"]).optional(),
    user_location: z.strictObject({ country: z.string().length(2) }).optional(),
  }),
  search_domain_filter: z
    .array(z.string())
    .min(1)
    .max(20)
    .refine(
      (list) => new Set(list.map((one) => one.startsWith("-"))).size === 1,
      "sites to look at and sites to leave out cannot be mixed",
    ),
  search_settings: z.strictObject({
    include_domains: domains(100).optional(),
    exclude_domains: domains(100).optional(),
    country: z.string().optional(),
  }),
  compound_custom: z.strictObject({
    tools: z.strictObject({
      enabled_tools: z.array(z.enum(["web_search", "visit_website", "code_interpreter"])).min(1),
    }),
  }),
  enable_search: z.boolean(),
  search_options: z.strictObject({
    forced_search: z.boolean().optional(),
    assigned_site_list: domains(25).optional(),
  }),
};

type Body = Readonly<Record<string, unknown>>;
type Violation = { readonly param: string; readonly message: string };

/** The body without its search options, or what is wrong with one of them. */
export function takeSearch(
  body: unknown,
  extensions: ReadonlySet<string>,
): { readonly body: unknown } | { readonly violation: Violation } {
  if (!isBody(body)) return { body };
  for (const [name, schema] of Object.entries(searchFields)) {
    if (!extensions.has(name) || !(name in body)) continue;
    const { error } = schema.safeParse(body[name]);
    if (error) return { violation: { param: name, message: `Invalid '${name}'. ${z.prettifyError(error)}` } };
  }
  const tools = Array.isArray(body.tools) ? body.tools : [];
  const offered = new Set<unknown>();
  for (const tool of tools.filter(isBody)) {
    const type = typeof tool.type === "string" && extensions.has(tool.type) ? tool.type : "";
    const error = servedTools[type]?.safeParse(tool).error;
    if (error)
      return { violation: { param: "tools", message: `Invalid '${type}'. ${z.prettifyError(error)}` } };
    if (servedTools[type]) offered.add(type);
  }
  if (offered.size === 0) return { body };
  const { tools: _, tool_choice: choice, ...rest } = body;
  const others = tools.filter((tool) => !(isBody(tool) && offered.has(tool.type)));
  const isServed = isBody(choice) && offered.has(choice.type);
  return {
    body: {
      ...rest,
      ...(others.length > 0 && { tools: others }),
      ...(choice !== undefined && !isServed && others.length > 0 && { tool_choice: choice }),
    },
  };
}

function isBody(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
