/**
 * The Homebrew formula, for a tap of our own. A formula and not a cask: Homebrew marks the files of casks as
 * quarantined, which macOS then refuses to run unless they are notarized.
 */
import { startVariables } from "../../src/commands/choose-capacity.ts";
import { downloadUrl, product, type Release } from "./description.ts";
import { archiveName, type TargetName, targets } from "./targets.ts";

/** `claude-code-proxy.rb`. Homebrew reads the version from the tag in the URLs and complains if it is given again. */
export function writeFormula(release: Release): string {
  const source = (name: TargetName) => describeSource(release, name);
  return `class ClaudeCodeProxy < Formula
  desc "Use Claude Code with any OpenAI-compatible backend"
  homepage "https://github.com/${product.repository}"
  license "${product.license}"

  livecheck do
    url :stable
    strategy :github_latest
  end

  on_macos do
    on_arm do
${source("darwin-arm64")}
    end
    on_intel do
${source("darwin-x64")}
    end
  end

  on_linux do
    on_arm do
${source("linux-arm64")}
    end
    on_intel do
      # Homebrew also supports processors without AVX2, which the other build needs.
${source("linux-x64-baseline")}
    end
  end

  def install
    bin.install "claude-code-proxy"
    man1.install "man/claude-code-proxy.1"
    generate_completions_from_executable(bin/"claude-code-proxy", "completions")
  end

  def caveats
    directory = OS.mac? ? "~/Library/Application Support" : "~/.config"
    <<~EOS
      Try it without an account:
        claude-code-proxy --demo

      The service does not see your shell's environment. Put your key into a file that only you can read:
        #{directory}/claude-code-proxy/.env
      with a line such as
        OPENAI_API_KEY=sk-...
      then
        brew services start claude-code-proxy
        ANTHROPIC_BASE_URL=http://127.0.0.1:8082 ANTHROPIC_AUTH_TOKEN=any claude
    EOS
  end

  service do
    run [opt_bin/"claude-code-proxy", "serve"]
    keep_alive true
    # Else the program would start twice to set them.
    environment_variables ${Object.entries(startVariables)
      .map(([name, value]) => `${name}: "${value}"`)
      .join(`,\n${" ".repeat(26)}`)}
    # systemd would start it in the home directory, which may contain the .env of another program.
    working_dir var
    log_path var/"log/claude-code-proxy.log"
    error_log_path var/"log/claude-code-proxy.log"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/claude-code-proxy --version")

    port = free_port
    pid = spawn bin/"claude-code-proxy", "--demo", "--port", port.to_s
    begin
      health = "http://127.0.0.1:#{port}/health"
      assert_match "ok", shell_output("curl --silent --fail --retry 10 --retry-connrefused #{health}")
    ensure
      Process.kill "TERM", pid
      Process.wait pid
    end
  end
end
`;
}

function describeSource({ version, checksums }: Release, name: TargetName): string {
  const target = targets.find((known) => known.name === name);
  if (!target) throw new Error(`Cannot write the formula: there is no target ${name}`);
  return [
    `      url "${downloadUrl(version, archiveName(target))}"`,
    `      sha256 "${checksums[name]}"`,
  ].join("\n");
}
