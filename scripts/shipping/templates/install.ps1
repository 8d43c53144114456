# Installs claude-code-proxy @VERSION@: picks the build for this machine, checks its SHA-256, tries it, installs it.
#
#   irm https://github.com/@REPOSITORY@/releases/latest/download/install.ps1 | iex
#
# Environment:
#   VERSION      another version
#   INSTALL_DIR  where the program goes [%LOCALAPPDATA%\Programs\claude-code-proxy]
#   MIRROR       another place with the files, as v@VERSION@/NAME; https, or http on 127.0.0.1
#
# The digests of this version are part of this file: pinning the file pins the program too, and a release that was
# changed afterwards is refused. The digests of another version come from its checksums.txt.
# Runs in Windows PowerShell 5.1 and in PowerShell 7.

function Install-ClaudeCodeProxy {
  Set-StrictMode -Version Latest
  $ErrorActionPreference = 'Stop'
  # The progress bar of 5.1 slows a download down by an order of magnitude.
  $ProgressPreference = 'SilentlyContinue'
  $ownVersion = '@VERSION@'
  $ownChecksums = @'
@CHECKSUMS@
'@

  function Stop-Installation([string] $Reason) {
    throw "Cannot install claude-code-proxy: $Reason"
  }

  # The machine's real architecture, even if this PowerShell is emulated.
  function Find-Target {
    $machine = 'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager\Environment'
    $kind = (Get-ItemProperty $machine).PROCESSOR_ARCHITECTURE
    switch ($kind) {
      'AMD64' { return 'windows-x64' }
      'ARM64' { return 'windows-arm64' }
      default { Stop-Installation "there is no build for processors of type $kind" }
    }
  }

  function Save-File([string] $Url, [string] $Path) {
    if ($Url -notmatch '^(https://|http://127\.0\.0\.1[:/])') { Stop-Installation "$Url is not https" }
    try { Invoke-WebRequest -UseBasicParsing -Uri $Url -OutFile $Path }
    catch { Stop-Installation "cannot download ${Url}: $($_.Exception.Message)" }
  }

  # The digest that the archive must have. Other files have names that contain this one.
  function Find-Digest {
    $lines = $ownChecksums
    if ($version -ne $ownVersion) {
      Save-File "$base/checksums.txt" (Join-Path $work 'checksums.txt')
      $lines = Get-Content -Raw (Join-Path $work 'checksums.txt')
    }
    $found = @($lines -split '\r?\n' | Where-Object { $_ -match "^[0-9a-f]{64}  $([regex]::Escape($archive))$" })
    if ($found.Count -ne 1) { Stop-Installation "version $version has no checksum for $archive" }
    return $found[0].Substring(0, 64)
  }

  function Install-Program {
    $digest = Find-Digest
    Write-Host "Downloading $archive of version $version"
    $file = Join-Path $work $archive
    Save-File "$base/$archive" $file
    $actual = (Get-FileHash -Algorithm SHA256 -Path $file).Hash.ToLowerInvariant()
    if ($actual -ne $digest) {
      Stop-Installation "$archive is not what was released: its SHA-256 is $actual, not $digest"
    }
    Expand-Archive -Path $file -DestinationPath $work
    $new = Join-Path $work 'claude-code-proxy.exe'
    $title = & $new --version
    if ($LASTEXITCODE -ne 0) { Stop-Installation "the build $target does not run here (x64 needs AVX2)" }
    # A running program can be renamed, but not overwritten.
    if (Test-Path $program) { Move-Item -Force $program (Join-Path $work 'old.exe') }
    Move-Item $new $program
    Write-Host "Installed $title as $program"
  }

  # Says how to put the program on the PATH, or does so in a GitHub workflow.
  function Show-Path {
    if ($env:GITHUB_PATH) { Add-Content -Encoding utf8 -Path $env:GITHUB_PATH -Value $directory }
    if (($env:Path -split ';') -notcontains $directory) {
      Write-Host "To find it by name: `$env:Path = `"$directory;`$env:Path`""
    }
  }

  [Net.ServicePointManager]::SecurityProtocol =
    [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
  $version = $ownVersion
  if ($env:VERSION) { $version = $env:VERSION -replace '^v', '' }
  if ($version -notmatch '^[0-9A-Za-z.-]+$') { Stop-Installation "VERSION=$version is not a version" }
  $mirror = 'https://github.com/@REPOSITORY@/releases/download'
  if ($env:MIRROR) { $mirror = $env:MIRROR }
  $base = "$mirror/v$version"
  $directory = Join-Path $env:LOCALAPPDATA 'Programs\claude-code-proxy'
  if ($env:INSTALL_DIR) { $directory = $env:INSTALL_DIR }
  $program = Join-Path $directory 'claude-code-proxy.exe'
  $target = Find-Target
  $archive = "claude-code-proxy-$target.zip"
  # On the same disk as the program, so that the last step only renames. A program that was running during an earlier
  # installation could not be deleted at that time.
  Remove-Item -Recurse -Force -ErrorAction SilentlyContinue (Join-Path $directory '.claude-code-proxy-*')
  $work = Join-Path $directory ".claude-code-proxy-$([guid]::NewGuid())"
  New-Item -ItemType Directory -Force $work | Out-Null
  try { Install-Program }
  finally { Remove-Item -Recurse -Force -ErrorAction SilentlyContinue $work }
  Show-Path
}

Install-ClaudeCodeProxy
