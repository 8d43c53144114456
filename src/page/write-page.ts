/**
 * Room `page/`: what a browser shows at `/`: its frame, its styles and its scripts in `browser/`. Not here: what is
 * shown, which a script asks for, and who may see it.
 */

/** Everything comes from the proxy, and nothing is run or drawn that is not a file of its own. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

export const pageHeaders: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": policy,
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
  vary: "accept",
};

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%23235f7d'/%3E%3Cpath d='M4 5l4 3-4 3M9 11h3' stroke='%23fff' stroke-width='1.6' fill='none'/%3E%3C/svg%3E";

function writeFrame(title: string, script: string, body: string, attributes = ""): string {
  return `<!doctype html>
<html lang="en"${attributes}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="${icon}">
<link rel="stylesheet" href="/page/parts/uplot.css">
<link rel="stylesheet" href="/page/parts/style.css">
<script type="module" src="/page/parts/${script}"></script>
</head>
<body>
${body}
</body>
</html>
`;
}

/**
 * The page, before its script has filled it.
 * @param canLeave whether there is a cookie to be taken away
 * @param variable the one by which a client finds the proxy
 */
export function writePage({
  canLeave,
  variable,
}: {
  readonly canLeave: boolean;
  readonly variable: string;
}): string {
  return writeFrame(
    "claude-code-proxy",
    "app.ts",
    `<a class="skip" href="#requests">Skip to the requests</a>
<header class="top">
  <h1>claude-code-proxy <span id="version" class="muted"></span></h1>
  <p id="connection" class="connection" role="status">Connecting…</p>
  <div class="tools">
    <button id="theme" type="button">Theme: auto</button>
    <button id="leave" type="button" hidden>Sign out</button>
  </div>
</header>
<main>
  <noscript><p class="panel">This page needs JavaScript. Without it, GET /metrics has the same numbers.</p></noscript>
  <section class="tiles" aria-label="Now and today" id="tiles"></section>
  <section class="panel wide" aria-labelledby="traffic-title">
    <div class="head">
      <h2 id="traffic-title">Traffic</h2>
      <div class="choices">
        <div class="choice" role="group" aria-label="What is drawn" id="series"></div>
        <div class="choice" role="group" aria-label="Time" id="span"></div>
      </div>
    </div>
    <div id="chart" class="chart"></div>
    <ul id="legend" class="legend"></ul>
    <details><summary>Show as a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Traffic as a table"><table id="series-table"></table></div></details>
  </section>
  <section class="panel narrow" aria-labelledby="first-title">
    <h2 id="first-title">Time to the first token</h2>
    <ol id="first" class="bars"></ol>
  </section>
  <section class="panel narrow" aria-labelledby="errors-title">
    <h2 id="errors-title">Errors</h2>
    <ul id="errors" class="errors"></ul>
  </section>
  <section class="panel full" aria-labelledby="live-title">
    <h2 id="live-title">In flight</h2>
    <div id="live"></div>
  </section>
  <section class="panel full" aria-labelledby="requests-title" id="requests" tabindex="-1">
    <div class="head">
      <h2 id="requests-title">Last requests</h2>
      <div class="choices">
        <input id="search" type="search" placeholder="Model, client, session, id" aria-label="Show only requests that contain">
        <div class="choice" role="group" aria-label="Which requests" id="filter"></div>
      </div>
    </div>
    <div id="recent"></div>
  </section>
  <section class="panel half" aria-labelledby="sessions-title">
    <h2 id="sessions-title">Sessions today</h2>
    <div id="sessions"></div>
  </section>
  <section class="panel half" aria-labelledby="clients-title">
    <h2 id="clients-title">Clients today</h2>
    <div id="clients"></div>
  </section>
  <section class="panel full" aria-labelledby="routes-title">
    <h2 id="routes-title">Routes</h2>
    <div id="routes"></div>
  </section>
  <section class="panel full" aria-labelledby="backends-title">
    <h2 id="backends-title">Backends</h2>
    <div id="backends"></div>
  </section>
</main>
<footer class="muted">No prompt, no answer and no key is kept or shown. The log has more about each request, under its id.</footer>`,
    ` data-variable="${variable}"${canLeave ? " data-signed-in" : ""}`,
  );
}

/** What a browser gets that has no key yet. */
export function writeLogin(): string {
  return writeFrame(
    "Sign in · claude-code-proxy",
    "login.ts",
    `<main class="login">
  <form id="login" class="panel">
    <h1>claude-code-proxy</h1>
    <label for="key">Key of the proxy</label>
    <input id="key" name="key" type="password" autocomplete="current-password" autocapitalize="off" spellcheck="false" required aria-describedby="hint problem">
    <p id="hint" class="muted">The value of <code>ANTHROPIC_API_KEY</code>, or a key of <code>CLIENT_KEYS</code>. It is not kept in the browser.</p>
    <p id="problem" class="problem" role="alert"></p>
    <button type="submit">Sign in</button>
  </form>
</main>`,
  );
}
