#!/bin/sh
# Installs claude-code-proxy @VERSION@: picks the build for this machine, checks its SHA-256, tries it, installs it.
#
#   curl --proto '=https' --tlsv1.2 -fsSL https://github.com/@REPOSITORY@/releases/latest/download/install.sh | sh
#
# VERSION      another version
# INSTALL_DIR  where the program goes [~/.local/bin]
# MIRROR       another place with the files, as v@VERSION@/NAME; https, or http on 127.0.0.1
#
# The digests of this version are part of this file: pinning the file pins the program too, and a release that was
# changed afterwards is refused. The digests of another version come from its checksums.txt.
set -eu

own_version='@VERSION@'
own_checksums='
@CHECKSUMS@
'

fail() {
  echo "Cannot install claude-code-proxy: $1" >&2
  exit 1
}

has() {
  command -v "$1" >/dev/null 2>&1
}

# The digest of standard input, possibly followed by a name.
sha256() {
  if has sha256sum; then
    sha256sum
  elif has shasum; then
    shasum -a 256
  elif has openssl; then
    openssl dgst -sha256 -r
  else
    fail "no program here can check a SHA-256; install sha256sum, shasum or openssl"
  fi
}

is_musl() {
  if has getconf && getconf GNU_LIBC_VERSION >/dev/null 2>&1; then return 1; fi
  case $(ldd --version 2>&1) in
    *musl*) return 0 ;;
    *) return 1 ;;
  esac
}

# The end of the archive's name: linux-x64, darwin-arm64, …
find_target() {
  os=$(uname -s)
  arch=$(uname -m)
  variant=
  case $arch in
    x86_64 | amd64) arch=x64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) fail "there is no build for processors of type $arch" ;;
  esac
  case $os in
    Linux)
      os=linux
      if is_musl; then variant=-musl; fi
      if [ "$arch" = x64 ] && ! grep -qw avx2 /proc/cpuinfo; then
        [ -z "$variant" ] || fail "there is no build for musl on a processor without AVX2"
        variant=-baseline
      fi
      ;;
    Darwin)
      os=darwin
      # Under Rosetta, uname reports an Intel processor.
      if [ "$(sysctl -n sysctl.proc_translated 2>/dev/null)" = 1 ]; then arch=arm64; fi
      ;;
    MINGW* | MSYS* | CYGWIN*) fail "this script is for Linux and macOS; on Windows use install.ps1 or Scoop" ;;
    *) fail "there is no build for $os" ;;
  esac
  echo "$os-$arch$variant"
}

# download URL FILE: https only, also when redirected, or from this machine.
download() {
  case $1 in
    https://*) protocol='=https' ;;
    http://127.0.0.1[:/]*) protocol='=http' ;;
    *) fail "$1 is not https" ;;
  esac
  if has curl; then
    curl --proto "$protocol" --tlsv1.2 -fsSL --retry 3 -o "$2" "$1" || fail "cannot download $1"
  elif [ "$version" = "$own_version" ] && has wget; then
    # Not every wget can be restricted to https. The download is checked against the digests in this file.
    wget -q -O "$2" "$1" || fail "cannot download $1"
  else
    fail "curl is needed to download $1"
  fi
}

# The digest that the archive must have. Other files have names that contain this one.
find_digest() {
  if [ "$version" = "$own_version" ]; then
    checksums=$own_checksums
  else
    download "$base/checksums.txt" "$work/checksums.txt"
    checksums=$(cat "$work/checksums.txt")
  fi
  digest=$(printf '%s\n' "$checksums" | awk -v name="$archive" '$2 == name { print $1 }')
  [ ${#digest} -eq 64 ] || fail "version $version has no checksum for $archive"
  echo "$digest"
}

# Says how to put the program on the PATH, or does so in a GitHub workflow.
tell_path() {
  if [ -n "${GITHUB_PATH:-}" ]; then echo "$directory" >>"$GITHUB_PATH"; fi
  case ":$PATH:" in
    *":$directory:"*) ;;
    *) echo "To find it by name: export PATH=\"$directory:\$PATH\"" ;;
  esac
}

main() {
  version=${VERSION:-$own_version}
  version=${version#v}
  case $version in
    *[!0-9A-Za-z.-]*) fail "VERSION=$version is not a version" ;;
  esac
  directory=${INSTALL_DIR:-${HOME:?is not set; set INSTALL_DIR}/.local/bin}
  base=${MIRROR:-https://github.com/@REPOSITORY@/releases/download}/v$version
  # Checked before anything is downloaded.
  sha256 </dev/null >/dev/null
  target=$(find_target)
  archive=claude-code-proxy-$target.tar.gz

  mkdir -p "$directory" || fail "cannot make $directory; set INSTALL_DIR"
  directory=$(CDPATH='' cd -- "$directory" && pwd)
  program=$directory/claude-code-proxy
  [ ! -d "$program" ] || fail "$program is a directory"
  # On the same disk as the program, so that the last step replaces it atomically.
  work=$(mktemp -d "$directory/.claude-code-proxy.XXXXXX") || fail "cannot write to $directory; set INSTALL_DIR"
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP

  digest=$(find_digest)
  echo "Downloading $archive of version $version"
  download "$base/$archive" "$work/$archive"
  found=$(sha256 <"$work/$archive")
  [ "${found%% *}" = "$digest" ] || fail "$archive is not what was released: its SHA-256 is ${found%% *}, not $digest"

  tar -xzf "$work/$archive" -C "$work" claude-code-proxy || fail "$archive holds no claude-code-proxy"
  chmod 755 "$work/claude-code-proxy"
  "$work/claude-code-proxy" --version >/dev/null ||
    fail "the build $target does not run here (on Alpine: apk add libgcc libstdc++)"
  mv -f "$work/claude-code-proxy" "$program"
  echo "Installed $("$program" --version) as $program"
  tell_path
}

main
