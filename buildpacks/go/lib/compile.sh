# Compiles one main package.

UNREACHED='dial tcp|no such host|connection refused|i/o timeout|TLS handshake|Forbidden|Bad Gateway|module lookup disabled|GOPROXY list is not the empty string'

# compile PACKAGE OUTPUT
compile() {
  # One that was named need not be of this module.
  grep -q "^$1	" "$HOME/programs" || known "$1"
  about=$(grep -m1 "^$1	" "$HOME/programs") || fail "$1 is not a main package, or is not there." 'Correct GO_INSTALL_PACKAGE_SPEC, or the line "+heroku install" of go.mod, and push again.'
  folder=$(printf '%s' "$about" | cut -f2)
  imports=$(printf '%s' "$about" | cut -f3)
  overlay="$HOME/overlay.json"
  # shellcheck disable=SC2086 # FLAGS is a list of words
  set -- "$1" $FLAGS -o "$2"
  strip='-s -w'
  serves=
  case $imports in
    *' net/http/cgi '*)
      detail "Compiling $1, which answers as a CGI program (net/http/cgi)"
      ;;
    *' net '*)
      detail "Compiling $1"
      serves=yes
      strip="$strip -X os.paasServes=yes"
      printf '{"Replace":{"%s": "%s"}}\n' "$(json_text "$folder/zz_paas.go")" "$CNB_BUILDPACK_DIR/lib/main.go" > "$overlay"
      set -- "$@" -overlay "$overlay"
      ;;
    *)
      detail "Compiling $1, which has to print its answers as a CGI program does: it does not import net/http"
      ;;
  esac
  package=$1
  shift
  # What belongs to this module, the linker lays apart. What does not, it writes into modules of their own.
  PAAS_GO_MODULE=$(module_path)
  export PAAS_GO_MODULE PAAS_GO_PARTS="$PAAS_SLUG_DIR"
  if ! go build "$@" -ldflags "$strip" "$package" > "$HOME/go" 2>&1; then
    indent < "$HOME/go"
    explain "$HOME/go"
    fail 'The app does not compile. Correct what Go says above, commit it, and push again.'
  fi
  # What it downloaded.
  indent < "$HOME/go"
}

# json_text TEXT: as it stands in a string of JSON.
json_text() {
  printf '%s' "$1" | sed 's/[\\"]/\\&/g'
}

# explain MESSAGES: what to do about the messages of Go that have to do with this platform; the others speak for themselves.
explain() {
  if grep -qE "$UNREACHED" "$1"; then
    fail 'The modules this app needs could not be fetched from here.' 'Put them into the app: run `go mod vendor`, commit the folder vendor, and push again.'
  elif grep -q 'inconsistent vendoring' "$1"; then
    fail 'The folder vendor does not match go.mod. Run `go mod vendor`, commit the folder, and push again.'
  elif grep -qE 'missing go.sum entry|updates to go.(mod|sum) needed|no required module provides package' "$1"; then
    fail 'go.mod or go.sum lacks something. Run `go mod tidy` (and `go mod vendor` if there is a folder vendor), commit, and push again.'
  elif grep -qE 'requires go >= |invalid go version|unknown directive: toolchain' "$1"; then
    fail "Apps are built with $(go version | cut -d' ' -f3) here. Lower the go line of go.mod, commit it, and push again."
  elif grep -qE 'build constraints exclude all Go files|requires cgo|undefined: syscall\.' "$1"; then
    fail 'The package named above has no code for WebAssembly (wasip1). Do without it, or find one in pure Go, and push again.'
  fi
}
