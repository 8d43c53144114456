/**
 * `./scripts/smoke-prometheus`: a Prometheus with our rules scrapes a proxy of two workers, and answers what an operator
 * would ask. The numbers must be those of what was sent.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { json, startFakeUpstream, text } from "../test/support/fake-upstream.ts";
import { ask } from "../test/support/proxy.ts";
import { findFreePort } from "./find-free-port.ts";
import { runScript } from "./shipping/run-script.ts";

const root = join(import.meta.dir, "..");
const keys = { ann: "ann-smoke-key-0001", ben: "ben-smoke-key-0002", metrics: "metrics-smoke-key-1" };
const requests = 40;
/** How long Prometheus may take to see everything, ms. */
const patienceMs = 30_000;

const usage = { prompt_tokens: 1000, completion_tokens: 50, prompt_tokens_details: { cached_tokens: 400 } };
const pricing = { prompt: "0.000002", completion: "0.00001" };

const answerSchema = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
});
const rulesSchema = z.object({
  data: z.object({ groups: z.array(z.object({ rules: z.array(z.object({ health: z.string() })) })) }),
});

async function main(): Promise<void> {
  if (!Bun.which("prometheus")) throw new Error("Cannot scrape: there is no prometheus; install it");
  const home = mkdtempSync(join(tmpdir(), "prometheus-"));
  const upstream = await startFakeUpstream(text("Hello", { usage }), {
    models: json({ object: "list", data: [{ id: "big", pricing }] }),
  });
  const proxyPort = findFreePort();
  const proxy = Bun.spawn([join(root, ".tools/bun"), join(root, "src/main.ts"), "serve"], {
    cwd: home,
    env: {
      HOME: home,
      PORT: String(proxyPort),
      WORKERS: "2",
      OPENAI_API_KEY: "sk-fake-upstream",
      OPENAI_BASE_URL: upstream.url,
      BIG_MODEL: "big",
      CLIENT_KEYS: `ann:${keys.ann},ben:${keys.ben}`,
      METRICS_KEY: keys.metrics,
      LOG_LEVEL: "WARNING",
    },
    stdout: "pipe",
    stderr: "inherit",
  });
  await proxy.stdout.getReader().read();
  const port = findFreePort();
  const address = `http://127.0.0.1:${port}`;
  writeFileSync(
    join(home, "prometheus.yml"),
    `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: ["${join(root, "scripts/deploy/prometheus-rules.yaml")}"]
scrape_configs:
  - job_name: claude-code-proxy
    authorization: { credentials: ${keys.metrics} }
    static_configs: [{ targets: ["127.0.0.1:${proxyPort}"] }]
`,
  );
  const prometheus = Bun.spawn(
    [
      "prometheus",
      `--config.file=${join(home, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(home, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=error",
    ],
    { stdout: "inherit", stderr: "inherit" },
  );
  let failures = 0;
  const query = async (question: string): Promise<number | undefined> => {
    const response = await fetch(`${address}/api/v1/query?query=${encodeURIComponent(question)}`).catch(
      () => undefined,
    );
    const answer = answerSchema.safeParse(await response?.json().catch(() => undefined));
    const value = answer.data?.data.result[0]?.value[1];
    return value === undefined ? undefined : Number(value);
  };
  const expectAnswer = async (question: string, isRight: (value: number) => boolean): Promise<void> => {
    const until = performance.now() + patienceMs;
    let value = await query(question);
    while ((value === undefined || !isRight(value)) && performance.now() < until) {
      await Bun.sleep(250);
      value = await query(question);
    }
    const ok = value !== undefined && isRight(value);
    if (!ok) failures += 1;
    console.log(`${ok ? "ok  " : "FAIL"} ${question} = ${value}`);
  };
  const near = (wanted: number) => (value: number) => Math.abs(value - wanted) < 1e-6;
  try {
    for (let number = 0; number < requests; number += 1) {
      const response = await fetch(`http://127.0.0.1:${proxyPort}/v1/messages`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "x-api-key": number % 4 === 0 ? keys.ben : keys.ann,
          connection: "close",
        },
        body: JSON.stringify(ask({ stream: number % 2 === 0 })),
      });
      await response.text();
    }
    await expectAnswer("up", near(1));
    await expectAnswer("sum(claude_code_proxy_requests_total)", near(requests));
    await expectAnswer('sum(claude_code_proxy_requests_total{client="ben"})', near(requests / 4));
    await expectAnswer('sum(claude_code_proxy_requests_total{status="200"})', near(requests));
    await expectAnswer("sum(gen_ai_client_operation_duration_seconds_count)", near(requests));
    await expectAnswer('sum(gen_ai_client_token_usage_sum{gen_ai_token_type="output"})', near(50 * requests));
    await expectAnswer("sum(claude_code_proxy_prompt_tokens_total)", near(1000 * requests));
    await expectAnswer('sum(claude_code_proxy_prompt_tokens_total{cache="read"})', near(400 * requests));
    await expectAnswer("sum(claude_code_proxy_cost_dollars_total)", near(requests * 0.0025));
    await expectAnswer(
      "histogram_quantile(0.9, sum by (le) (gen_ai_client_operation_time_to_first_chunk_seconds_bucket))",
      (value) => value > 0 && value < 10,
    );
    await expectAnswer("claude_code_proxy_in_flight_requests", near(0));
    await expectAnswer("count(claude_code_proxy_build_info)", near(1));
    const { data } = rulesSchema.parse(await (await fetch(`${address}/api/v1/rules`)).json());
    const healths = data.groups.flatMap(({ rules }) => rules.map(({ health }) => health));
    const areGood = healths.length > 0 && healths.every((health) => health === "ok");
    if (!areGood) failures += 1;
    console.log(`${areGood ? "ok  " : "FAIL"} ${healths.length} rules are evaluated`);
  } finally {
    prometheus.kill();
    proxy.kill();
    await Promise.all([prometheus.exited, proxy.exited, upstream.close()]);
    rmSync(home, { recursive: true, force: true });
  }
  if (failures > 0) throw new Error(`${failures} questions were answered wrongly`);
}

await runScript(main);
