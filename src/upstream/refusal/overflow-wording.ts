/**
 * Recognizes "your prompt is too long" in anybody's words. Every server names the same three things: a subject (the
 * prompt, the input, the requested tokens), a relation (exceeds, longer than, must be less than) and a bound (the
 * context window, a limit of so many tokens). They are looked for in one sentence. Limits that pass with time are named
 * with the same words, and so are limits on answers, images and tools; `isOverflow` knows them apart. Checked against
 * the wordings of many servers in `test/fixtures/wordings/`.
 */

/** What is too long, if it is certainly the prompt or its tokens. */
const prompt = oneOf(
  "prompts?",
  "inputs?",
  "contexts?",
  "conversation",
  "history",
  "messages?",
  "tokens",
  "token count",
);
/** What may also be something else, unless the bound speaks of tokens or the context. */
const anything = oneOf(prompt, "requests?", "sequence", "length", "size");

const relation = oneOf(
  "exceed(?:s|ed|ing)?",
  "surpass\\w*",
  "overflow\\w*",
  "(?:longer|larger|greater|bigger|more|higher) than",
  "too (?:long|large|big|many)",
  "(?:is|are|was|be) (?:over|above|beyond)",
  "(?:must|should|can) ?not exceed",
  "(?:must|should) (?:be|have) (?:<=?|less|fewer|smaller|at most|within|under)",
  "(?:not|nt) fit",
  ">=?",
);

const most = "max(?:imum)?";
const contextBound = oneOf(
  "context (?:length|window|size|limit)",
  "kv (?:cache|size)",
  "n ctx",
  `${most} context`,
  `${most} (?:(?:allowed|supported|total|specified|model) )*(?:model|seq|sequence|session|context) len(?:gth)?`,
  `${most} (?:number of )?(?:\\w+ )?tokens`,
  `(?:${most}|model) (?:allowed )?(?:input|prompt) (?:length|size|tokens)`,
  "tokens? limit",
  "\\d+ (?:(?:input|prompt) )?tokens",
);
const anyBound = oneOf(
  contextBound,
  `${most} (?:allowed )?(?:\\w+ )?(?:length|len|size)`,
  "limits?(?: of| is|:)? ?\\(?\\d+",
  "length limit",
  `\\d+ ${most}`,
  "(?:this|the|models?|what this) (?:model|limit|capacity)",
  "\\d{3,}(?! ?(?:bytes|char|[mk]i?b|items|p(?:ix|x)))",
);

function oneOf(...alternatives: readonly string[]): string {
  return `(?:${alternatives.join("|")})`;
}

/**
 * What is left for an answer is less than nothing: "max_tokens must be at least 1, got -853". We never ask for that.
 * A server that takes -1 for "no limit" says "between -1 and ...".
 */
const negativeAnswer = new RegExp(`\\b${most} (?:\\w+ )?tokens\\b(?!.*between -).*?[ (:=]-(?!1\\b)\\d`);

/** Each of them suffices, in a sentence that speaks of nothing else. */
const forms: readonly RegExp[] = [
  // "input tokens exceed the configured limit of 272000 tokens"
  new RegExp(`\\b${prompt}\\b.{0,90}?${relation}.{0,60}?${anyBound}`),
  // "your request exceeded model token limit: 262144"
  new RegExp(`\\b${anything}\\b.{0,90}?${relation}.{0,60}?${contextBound}`),
  // "context window exceeds limit", "token limit exceeded", "kv cache is full"
  /\b(?:context(?: length| window| size| limit| budget)?|tokens? limit|prompt tokens|kv cache)\b(?: has| have| is| was| been| the)*(?: \(.{0,40}?\))? (?:exceed\w*|overflow\w*|reached|full|exhausted)/,
  /\bmax tokens of (?:count|\d+) exceeded/,
  // "you have exceeded the maximum number of tokens"
  /\bexceed(?:s|ed|ing)? (?:the |this |your )?(?:models? )?max(?:imum)? (?:allowed )?(?:number of tokens|context)\b/,
  // "you have hit the context limit", "ran out of context", "no room left in the context window"
  /\b(?:hit|reached|exhausted|(?:ran |run )?out of|used up|no (?:more )?(?:room|space)|not enough)(?: left| in| of| the| your| this| models?)* context(?: (?:length|window|size|limit|left|space)\b|:|$)/,
  // "exceed context size error", a code
  /\bexceed(?:s|ed)? (?:the )?(?:max(?:imum)? )?context\b/,
  // "prompt (2664 tokens) is too long"
  /\b(?:prompts?|inputs?|contexts?|conversation|history|messages?)(?: length| size| tokens?)?(?: \(.{0,40}?\))?:?(?: is| are| was| were)? too (?:long|large|big)\b/,
  /\btoo (?:long|large|big) (?:an? )?(?:prompt|input|context|conversation)\b/,
  // "this model's maximum context length is 4097 tokens": nothing else gives a reason to say so
  /\b(?:context|prompt|input|model|sequence) (?:length|window|size|tokens|characters)(?: is| of| was|:| =)+(?: only)? ?\d/,
  /\bmax(?:imum)? (?:\w+ )?(?:size|length)(?: is|:) ?\d+ tokens/,
  // "the input token count is 1251952 but model only supports up to 1048576"
  /\b(?:prompt|input|token count)\b.{0,60} (?:supports?|allows?|accepts?)\b.{0,20}(?:up to|at most|only|maximum) ?\d/,
  // "this model supports a maximum of 131072 tokens; you sent 150000"
  /\bmodel\b.{0,40}\b(?:supports?|allows?|accepts?|handles?)\b.{0,20}(?:up to|at most|only|maximum)(?: of)? ?\d+ tokens\b/,
  // "the prompt is 12000 tokens over the limit"
  /\b(?:prompt|input|request|messages|conversation|context)\b.{0,40}\d+ tokens (?:over|above|beyond|past|more than) /,
  // "inputs must have less than 4096 tokens", "inputs tokens + max new tokens must be <= 2048"
  /\b(?:prompts?|inputs?)\b(?: tokens\b)?.{0,30} must (?:be|have) (?:<=?|less than|at most) ?\d+(?: tokens|$)/,
  // "range of input length should be [1, 129024]"
  /\b(?:prompt|input|context) length\b.{0,20}(?:should be|out of range)/,
  // "the request has 9000 tokens, the limit is 8192"
  /^(?=.*\b(?:prompt|input|request|messages|context|conversation)\b)(?=.*\btokens\b)(?=.*\b(?:limit|max(?:imum)?|only|at most|up to|available)\b).*?\b\d{3,}\b.*\b\d{3,}\b/,
  // "please reduce the length of the messages", "provide a shorter input"
  /\b(?:reduce|shorten|decrease|trim|truncate)\b.{0,30}?\b(?:prompt|input|messages?|context|conversation)\b/,
  /\b(?:shorter|smaller) (?:prompt|input|context|conversation)\b/,
  negativeAnswer,
  // Of a message, not of a name or a description
  /\b(?:messages|input)(?:\[\d+\]\.(?:content|text|output)\S*)?: (?:string|array) too long/,
  /(?:输入|上下文|提示词?|消息|对话|内容|tokens? ?(?:数|长度|总数)).{0,30}(?:超过|超出|超限|过长|超长|太长|大于)/,
  // In other languages: "longitud máxima de contexto (131072 tokens)"
  /(?:contexto|contexte|kontext\w*|контекст\w*|コンテキスト|컨텍스트)\D{0,60}\d{4}/,
];

/** Too vague by themselves: also the words of servers that are busy. */
const vague = /\btoo many (?:input |prompt )?tokens\b/;

/** Limits that pass with time, or with money. */
const passing =
  /\brate\b.{0,12}(?:limit|exceed|increas)|throttl|too many (?:concurrent )?requests|\bper[ -]?(?:sec|min)\b|\b(?:second|minute|hour|day|week|month)s?\b|\b[tri]{1,2}p[md]\b|quota|\busage (?:limit|size)|\b(?:daily|hourly|weekly|monthly|free|session) (?:\w+ ){0,2}limit|credits?\b|\bafford\b|\bwait (?:before|and|for|a)\b|slow down|retry (?:after|in)\b|try again (?:later|in \d)|peak load|high demand|concurren|(?:out of|over|your|key) budget|budget (?:exceeded|limit)|billing|balance|tokens processed|频率|速率|每分钟|额度|余额|并发|配额/;
const unavailable = /unavailable|capacity|overloaded/;

/** A sentence about one of these is not about the prompt, unless it says so. */
const otherSubject =
  /\b(?:images?|pixels?|pictures?|files?|pdfs?|pages?|documents?|audio|videos?|attachments?|tools?|functions?|schemas?|parameters?|propert(?:y|ies)|descriptions?|names?|ids?|keys?|stop|temperature|thinking|reasoning|budget|metadata|headers?|urls?|bytes|[mk]i?b|strings?|arrays?|parts|blocks|breakpoints?|buffer|input should)\b|图片|文件|工具/;
const aboutContext =
  /\bcontext (?:length|window|size|limit)|\b(?:prompt|input|requested|total) (?:tokens?|length)\b|\btoken count\b|\d+ tokens\b/;
/** A budget of tokens for something other than the prompt. */
const aboutThinking = /\b(?:thinking|reasoning|budget)\b/;
const aboutPrompt = /\b(?:prompts?|inputs?|contexts?|cache)\b/;
/** The limit of an answer, named before the prompt or without it: a shorter prompt changes nothing. */
const aboutAnswer = new RegExp(
  `^(?:(?!${oneOf("prompts?", "inputs?", "messages?", "contexts?")}\\b).)*?\\b` +
    oneOf(
      `${most} (?:(?!inputs?|prompt|message)\\w+ )?tokens(?! of \\w+ exceeded| allowed)`,
      "(?:completion|output|response|generation) (?:tokens|length)",
    ),
);
const messageTooLong = /(?:messages|input)(?:\[|:)/;

/** Answers that mean something else whatever they say: keys, money, time. */
const otherStatuses: ReadonlySet<number> = new Set([401, 402, 403, 408, 429, 504, 529]);

/**
 * @param text what the server said, with its codes as further sentences
 * @param status 0 if there was none
 */
export function isOverflow(status: number, text: string): boolean {
  if (otherStatuses.has(status)) return false;
  const words = normalize(text);
  if (passing.test(words)) return false;
  if (vague.test(words) && !unavailable.test(words)) return true;
  return words.split(/[.!?;。；]+(?=\s|$)|\n/).some(saysOverflow);
}

function saysOverflow(words: string): boolean {
  const found = forms.filter((form) => form.test(words));
  if (found.length === 0) return false;
  if (negativeAnswer.test(words) || messageTooLong.test(words)) return true;
  if (aboutAnswer.test(words) || (aboutThinking.test(words) && !aboutPrompt.test(words))) return false;
  return aboutContext.test(words) || !otherSubject.test(words);
}

const requestId = /\(?\b(?:request|trace)[ _-]?id:? ?[^\s)]+\)?|\(ref: [^)]*\)/gi;

/** In lower case and without the marks of code, so that `max_seq_len` and `MaxSeqLen` are words like others. */
function normalize(text: string): string {
  return text
    .replace(requestId, "")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .replace(/\bbad request\b/g, "")
    .replace(/(\d),(?=\d{3}\b)/g, "$1")
    .replace(/[`'"’*]/g, "")
    .replace(/[ \t_\-–]+(?!\d)/g, " ");
}
