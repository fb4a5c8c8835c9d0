# Debian's packages, fetched and verified by apt with the operator's sources, into folders of our own.

apt() {
  apt-get -qq -o Dir::State="$HOME/apt" -o Dir::State::status="$HOME/apt/status" -o Dir::Cache="$HOME/apt" -o Acquire::Languages=none -o Acquire::Retries=3 "$@" 2>&1 | sed 's/^/       /'
}

# fetch FOLDER PACKAGE...: unpacks packages, without their dependencies. Only their signed list is trusted.
fetch() {
  folder=$1
  shift
  mkdir -p "$HOME/apt/lists/partial" "$HOME/apt/archives/partial" "$HOME/packages" "$folder"
  if [ ! -f "$HOME/apt/status" ]; then
    : > "$HOME/apt/status"
    apt update
  fi
  (cd "$HOME/packages" && apt download "$@")
  for package; do
    file=$(find "$HOME/packages" -name "${package}_*.deb")
    [ -f "$file" ] || fail "Debian's package $package could not be fetched from this machine's package sources."
    dpkg-deb --extract "$file" "$folder"
    rm "$file"
  done
}
