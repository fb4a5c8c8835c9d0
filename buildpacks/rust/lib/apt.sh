# Debian's packages, fetched and verified by apt with the operator's sources, into folders of our own.

with_apt() {
  program=$1
  shift
  "$program" -o Dir::State="$HOME/apt" -o Dir::State::status="$HOME/apt/status" -o Dir::Cache="$HOME/apt" -o Acquire::Languages=none -o Acquire::Retries=3 "$@" 2>&1
}

apt() {
  with_apt apt-get -qq "$@" | sed 's/^/       /'
}

# pinned PACKAGE: `package=version` as debian.txt says, while the sources have it.
pinned() {
  version=$(sed -n "s/^$1 //p" "$CNB_BUILDPACK_DIR/debian.txt")
  if [ -n "$version" ] && with_apt apt-cache show "$1=$version" > "$HOME/shown" && grep -qxF "Version: $version" "$HOME/shown"; then
    echo "$1=$version"
  else
    detail "$1: the package sources have another version than ${version:-any} of debian.txt, and theirs is taken" >&2
    echo "$1"
  fi
}

# fetch FOLDER PACKAGE...: unpacks packages, without their dependencies. Only their signed list is trusted; what was fetched is written down in packages.txt.
fetch() {
  folder=$1
  shift
  mkdir -p "$HOME/apt/lists/partial" "$HOME/apt/archives/partial" "$HOME/packages" "$folder"
  if [ ! -f "$HOME/apt/status" ]; then
    : > "$HOME/apt/status"
    apt update
  fi
  wanted=
  for package; do
    wanted="$wanted $(pinned "$package")"
  done
  # shellcheck disable=SC2086 # a list of words
  (cd "$HOME/packages" && apt download $wanted)
  for package; do
    file=$(find "$HOME/packages" -name "${package}_*.deb")
    [ -f "$file" ] || fail "Debian's package $package could not be fetched from this machine's package sources."
    dpkg-deb --extract "$file" "$folder"
    echo "$package $(dpkg-deb --field "$file" Version) sha256:$(sha256sum "$file" | cut -d' ' -f1)" >> "$PAAS_TOOLCHAIN_DIR/packages.txt"
    rm "$file"
  done
}
