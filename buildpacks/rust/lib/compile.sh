# Runs cargo, and finds what answers.

export CARGO_HOME="$PAAS_CACHE_DIR/cargo" CARGO_TARGET_DIR="$PAAS_CACHE_DIR/target"
MADE="$CARGO_TARGET_DIR/wasm32-wasip2/release"

compile() {
  # bin/fetch has fetched everything, and written a Cargo.lock if there was none.
  set -- build --release --target wasm32-wasip2 --locked --offline
  # What an earlier build left under another name would be taken for this one's.
  rm -f "$MADE"/*.wasm
  detail "Running cargo $*"
  { cargo "$@" 2>&1 || touch "$HOME/failed"; } | tee "$HOME/cargo" | indent
  if [ -e "$HOME/failed" ]; then
    explain "$HOME/cargo"
    fail 'The app does not compile. Correct what cargo says above, commit it, and push again.'
  fi
}

# What the Procfile runs as web: the name of a program.
named_by_procfile() {
  [ -f Procfile ] || return 0
  tr -d '\r' < Procfile | sed -nE 's/^[[:space:]]*web[[:space:]]*:[[:space:]]*([^[:space:]]+).*$/\1/p' | sed 's,.*/,,; s,\.wasm$,,'
}

choose_module() {
  made=$(find "$MADE" -maxdepth 1 -name '*.wasm' | sort)
  [ -n "$made" ] || fail 'cargo made no program: a web app is a binary, or a library with crate-type = ["cdylib"].' 'Correct Cargo.toml, commit it, and push again.' >&2
  web=$(named_by_procfile)
  for name in "$web" "$(echo "$web" | tr - _)"; do
    if [ -f "$MADE/$name.wasm" ]; then
      echo "$MADE/$name.wasm"
      return
    fi
  done
  if [ "$(echo "$made" | wc -l)" != 1 ]; then
    {
      printf ' !     The build made several programs:\n'
      echo "$made" | sed 's,.*/,,; s,\.wasm$,,; s/^/ !       /'
      fail 'Name the one that answers in a Procfile, for example `web: '"$(echo "$made" | head -n 1 | sed 's,.*/,,; s,\.wasm$,,')"'`, commit it, and push again.'
    } >&2
  fi
  echo "$made"
}

# What must change in a server that listens, which compiles or not by what it listens with.
listens() {
  fail 'This program listens on a port. On this platform it is called for each request instead:' \
    '  In Cargo.toml:  axum = { version = "0.8", default-features = false, features = ["json", "form"] }' \
    '                  wstd = "0.6"  and  wstd-axum = "0.6"  instead of tokio' \
    '  In main.rs:     #[wstd_axum::http_server]        instead of  #[tokio::main], TcpListener and axum::serve' \
    '                  fn main() -> axum::Router { … }  returns the router' \
    'Change these lines, commit, and push again.'
}

sources_listen() {
  grep -rqsE 'TcpListener|HttpServer::new|rocket::build|warp::serve|Server::bind' --include='*.rs' .
}

# explain MESSAGES: what to do about the messages that have to do with this platform; the others speak for themselves.
explain() {
  if grep -qE 'are supported on wasm|This wasm target is unsupported by mio|could not compile `(mio|socket2|tokio)`' "$1"; then
    listens
  elif grep -qE 'lock file .* needs to be updated|cannot update the lock file' "$1"; then
    fail 'Cargo.lock does not match Cargo.toml. Run `cargo build`, commit Cargo.lock, and push again.'
  elif grep -qE 'requires rustc [0-9]|is not supported by the following package|cannot be built because it requires' "$1"; then
    fail "Apps are built with $(rustc --version | cut -d' ' -f1,2) here. Choose versions that it can build, commit Cargo.lock, and push again."
  elif grep -qE 'failed to download|failed to get .* as a dependency|Could not resolve host|failed to query replaced source' "$1"; then
    fail 'The crates this app needs could not be fetched from here. Push again, or run `cargo vendor` as it tells you, commit, and push.'
  fi
}

# A program in CGI form is welcome, but not one that will try to listen.
check_form() {
  if ! grep -aqE 'wasi:http/(incoming-handler|handler)@' "$1"; then
    if sources_listen; then
      listens
    fi
    detail 'It does not export wasi:http: it has to print its answers as a CGI program does'
  fi
}
