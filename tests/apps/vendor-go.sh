#!/bin/sh
# Fills the vendor folder of a Go sample: `vendor-go.sh FOLDER CACHE`. Its modules.txt says what belongs there; the sources come from Debian's packages, since
# the tests need no module proxy. A developer has `go mod vendor` do this.
set -eu
folder=$1 cache=$2

# The Debian package of a module.
package() {
  case $1 in
    github.com/gin-contrib/sse) echo golang-github-gin-contrib-sse-dev ;;
    github.com/gin-gonic/gin) echo golang-github-gin-gonic-gin-dev ;;
    github.com/go-chi/chi/*) echo golang-github-go-chi-chi-dev ;;
    github.com/go-playground/locales) echo golang-github-go-playground-locales-dev ;;
    github.com/go-playground/universal-translator) echo golang-github-go-playground-universal-translator-dev ;;
    github.com/go-playground/validator/*) echo golang-github-go-playground-validator-v10-dev ;;
    github.com/leodido/go-urn) echo golang-github-leodido-go-urn-dev ;;
    github.com/mattn/go-isatty) echo golang-github-mattn-go-isatty-dev ;;
    github.com/pelletier/go-toml/*) echo golang-github-pelletier-go-toml.v2-dev ;;
    github.com/ugorji/go/codec) echo golang-github-ugorji-go-codec-dev ;;
    golang.org/x/*) echo "golang-golang-x-${1##*/}-dev" ;;
    google.golang.org/protobuf) echo golang-google-protobuf-dev ;;
    gopkg.in/yaml.*) echo golang-gopkg-yaml.v2-dev ;;
    *) echo "No Debian package is known for $1." >&2; exit 1 ;;
  esac
}

# fetch PACKAGE: unpacks it once into the cache.
fetch() {
  [ -e "$cache/$1.done" ] && return
  mkdir -p "$cache/packages"
  (cd "$cache/packages" && { apt-get download -qq "$1" || { apt-get update -qq && apt-get download -qq "$1"; }; })
  for file in "$cache/packages/$1"_*.deb; do dpkg-deb --extract "$file" "$cache"; done
  touch "$cache/$1.done"
}

while read -r first second _; do
  case $first in
    '#') fetch "$(package "$second")" ;;
    '##') ;;
    *)
      source=$cache/usr/share/gocode/src/$first
      # Debian leaves the version out of some paths.
      [ -d "$source" ] || source=$(echo "$source" | sed -E 's,/v[0-9]+(/|$),\1,')
      mkdir -p "$folder/vendor/$first"
      find "$source" -maxdepth 1 -type f ! -name '*_test.go' -exec cp {} "$folder/vendor/$first/" \;
      ;;
  esac
done < "$folder/vendor/modules.txt"
