/**
 * `./scripts/smoke-page`: a real browser opens the page of a real proxy: empty, busy and failing, in both themes, at the
 * width of a desk and of a phone. Nothing may break the page's policy, axe-core may find nothing, and everything can
 * be done with the keyboard. `--shots DIR` keeps a picture of each.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { digestKey } from "../src/config/client-keys.ts";
import { startServer } from "../src/server.ts";
import { createLog } from "../src/telemetry/log.ts";
import {
  chunks,
  contentChunk,
  createGate,
  finishChunk,
  json,
  startFakeUpstream,
  status,
} from "../test/support/fake-upstream.ts";
import { ask, testConfig } from "../test/support/proxy.ts";
import { runScript } from "./shipping/run-script.ts";

const browserPath = Bun.which("chromium") ?? Bun.which("chromium-browser") ?? Bun.which("google-chrome");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const keys = { ann: "ann-smoke-key-0001", ben: "ben-smoke-key-0002" };
const widths = { desk: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } } as const;
const themes = ["light", "dark"] as const;

let failures = 0;

function check(what: string, isRight: boolean, detail = ""): void {
  if (!isRight) failures += 1;
  console.log(`${isRight ? "ok  " : "FAIL"} ${what}${isRight || detail === "" ? "" : `: ${detail}`}`);
}

async function main(words: string[]): Promise<void> {
  if (!browserPath) throw new Error("Cannot look at the page: there is no Chromium; install it");
  const shots = words[0] === "--shots" ? words[1] : undefined;
  if (shots !== undefined) mkdirSync(shots, { recursive: true });
  const gate = createGate();
  const usage = {
    prompt_tokens: 24_000,
    completion_tokens: 310,
    prompt_tokens_details: { cached_tokens: 19_500 },
  };
  const end = [{ choices: [], usage }, finishChunk("stop")];
  const price = { prompt: "0.000003", completion: "0.000015", input_cache_read: "0.0000003" };
  const models = ["big-model", "middle-model", "small-model"].map((id) => ({
    id,
    context_length: 262_144,
    pricing: price,
  }));
  const upstream = await startFakeUpstream(chunks([contentChunk("Hello"), ...end]), {
    models: json({ object: "list", data: models }),
  });
  const clients = {
    keys: Object.entries(keys).map(([name, key]) => ({ name, key, digest: digestKey(key) })),
    file: undefined,
  };
  const server = startServer({
    config: testConfig({ backend: { baseUrl: upstream.url }, server: { clients } }),
    log: createLog("ERROR", console.error),
  });
  const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"] });
  const context = await browser.newContext({ viewport: widths.desk });
  const page = await context.newPage();
  const broken: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of 401/.test(message.text())) broken.push(message.text());
  });
  page.on("pageerror", (error) => broken.push(String(error)));
  await page.addInitScript(`
    globalThis.violations = [];
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
      violations.push(violatedDirective + " " + blockedURI));`);

  const post = (
    changes: Record<string, unknown>,
    client: keyof typeof keys,
    headers: Record<string, string> = {},
  ) =>
    fetch(`${server.url}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": keys[client], ...headers },
      body: JSON.stringify(ask(changes)),
    }).then((response) => response.text());

  /** The upper part of the page. */
  async function picture(path: string, { width }: { readonly width: number }): Promise<void> {
    const height = Math.min(2200, Number(await page.evaluate("document.documentElement.scrollHeight")));
    await page.screenshot({ path, fullPage: true, clip: { x: 0, y: 0, width, height } });
  }

  async function look(name: string): Promise<void> {
    for (const [width, viewport] of Object.entries(widths))
      for (const colorScheme of themes) {
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme });
        await page.waitForTimeout(150);
        const title = `${name}-${width}-${colorScheme}`;
        if (shots !== undefined) await picture(join(shots, `${title}.png`), viewport);
        const overflow = await page.evaluate(
          "document.documentElement.scrollWidth - document.documentElement.clientWidth",
        );
        check(`${title}: nothing is wider than the screen`, overflow === 0, `${overflow} px`);
        const found = await audit(page);
        check(`${title}: axe-core finds nothing`, found.length === 0, found.join("; "));
      }
    await page.setViewportSize(widths.desk);
    await page.emulateMedia({ colorScheme: "light" });
  }

  try {
    await page.goto(server.url);
    check("without a key, the page asks for one", (await page.locator("#login").count()) === 1);
    await look("login");
    await page.fill("#key", "wrong-key");
    await page.keyboard.press("Enter");
    await page.locator("#problem", { hasText: "not one of the proxy's keys" }).waitFor();
    await page.fill("#key", keys.ann);
    await page.keyboard.press("Enter");
    await page.locator("#tiles .tile").first().waitFor();
    const [cookie] = await context.cookies();
    check(
      "the cookie is HttpOnly and SameSite=Strict, and is no key",
      cookie?.httpOnly === true &&
        cookie.sameSite === "Strict" &&
        !Object.values(keys).includes(cookie.value),
    );
    check(
      "the cookie opens no endpoint but those of the page",
      (await fetch(`${server.url}/v1/models`, { headers: { cookie: `${cookie?.name}=${cookie?.value}` } }))
        .status === 401,
    );
    await look("empty");

    for (let number = 0; number < 30; number += 1)
      await post(
        { stream: true, model: ["claude-opus-5-5", "claude-sonnet-5-5"][number % 2] },
        number % 3 ? "ann" : "ben",
        {
          "x-claude-code-session-id": `0f8fad5b-d9cb-469f-a165-7086772895${number % 3}0`,
          "x-claude-code-request-class": "main",
        },
      );
    upstream.follow(chunks([contentChunk("Let me look. "), gate, contentChunk("Done."), ...end]));
    const waiting = Array.from({ length: 3 }, () => post({ stream: true }, "ann"));
    await page.locator("#live tbody tr").nth(2).waitFor();
    check("requests in flight appear by themselves", true);
    await look("busy");
    gate.open();
    await Promise.all(waiting);
    await page.locator("#live .empty").waitFor();
    check("and leave by themselves", true);

    upstream.follow(status(401, { error: { message: "Secret words of a backend" } }));
    for (let number = 0; number < 4; number += 1) await post({}, "ben");
    upstream.follow(status(503, { error: { message: "Secret words of a backend" } }));
    for (let number = 0; number < 2; number += 1) await post({ model: "claude-haiku-5-5" }, "ben");
    await page.locator("#errors strong").nth(1).waitFor();
    await look("failing");
    check("no words of a backend are shown", !(await page.content()).includes("Secret words"));
    for (const key of Object.values(keys)) check("no key is shown", !(await page.content()).includes(key));

    await page.locator("#filter button", { hasText: "Failed" }).focus();
    await page.keyboard.press("Enter");
    const failed = await page.locator("#recent tbody tr:not(.details)").count();
    check("failed requests alone, with the keyboard", failed === 6, String(failed));
    await page.locator("#recent .toggle").first().focus();
    await page.keyboard.press("Space");
    check("details, with the keyboard", await page.locator("#recent .details").first().isVisible());
    await page.locator("#filter button", { hasText: "All" }).click();
    await page.locator("#recent .more").click();
    const all = await page.locator("#recent tbody tr:not(.details)").count();
    check("all requests can be shown", all === 39, String(all));
    await page.locator("#search").fill("nothing like this");
    check("a search finds what there is", await page.locator("#recent .empty").isVisible());
    await page.locator("#search").fill("");
    for (const name of ["Tokens", "Cost", "2 days", "30 days"])
      await page.locator(".wide .choice button", { hasText: name }).click();
    await page.locator("#theme").click();
    await page.locator("#theme").click();
    check("the theme can be chosen", (await page.locator("html").getAttribute("data-theme")) === "dark");
    check("every control can be reached with Tab", await reachAll(page));

    await page.locator("#leave").click();
    await page.locator("#login").waitFor();
    check("signing out asks for the key again", true);
    const violations = await page.evaluate("violations");
    check(
      "nothing broke the policy",
      Array.isArray(violations) && violations.length === 0,
      String(violations),
    );
    check("no error in the console", broken.length === 0, broken.join("; "));
  } finally {
    await browser.close();
    await upstream.close();
    await server.stop();
  }
  if (failures > 0) throw new Error(`${failures} checks failed`);
}

/** What axe-core finds, each with the first element. Scripts of the test run outside of the page's policy. */
async function audit(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate(`axe.run().then(({ violations }) => violations.map(
    ({ id, impact, nodes }) => [impact, id, nodes[0]?.html.slice(0, 120)].join(" ")))`);
  return Array.isArray(found) ? found.map(String) : [];
}

async function reachAll(page: Page): Promise<boolean> {
  const count = await page.locator("button:visible, input:visible, summary:visible").count();
  const reached = new Set<number>();
  for (let press = 0; press < count + 12; press += 1) {
    await page.keyboard.press("Tab");
    const place = await page.evaluate(
      `[...document.querySelectorAll("button, input, summary")].indexOf(document.activeElement)`,
    );
    reached.add(Number(place));
  }
  reached.delete(-1);
  return reached.size >= count;
}

await runScript(main);
