#!/bin/bash
# `make up`: from a fresh checkout to a platform with a first app that answers, in the foreground.
set -eu
cd "$(dirname "$0")/../.."

listen=${PAAS_LISTEN:-127.0.0.1:8080}
port=${listen##*:}
data=${PAAS_DATA:-$HOME/.local/share/paas}
url=http://localhost:$port

fail() { echo "$*" >&2; exit 1; }
say() { printf '\n%s\n' "$*"; }

command -v cargo >/dev/null || fail "Rust is missing. Install it with rustup (rustup.rs), then run make up again."
./platform/setup/install.sh run
if (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
  fail "Port $port is in use by another program. Stop that one, or choose another port: PAAS_LISTEN=127.0.0.1:8081 make up"
fi
bin=$(./platform/setup/build.sh release)
PATH=$bin:$(./platform/setup/node.sh):$PATH
export PATH PAAS_DATA="$data" PAAS_LISTEN="$listen"

paasd serve &
paasd=$!
# paasd stops in order at the first signal (a terminal's Ctrl-C reaches it directly too); this script waits for its end.
trap 'kill -INT $paasd 2>/dev/null' INT TERM
for _ in $(seq 600); do
  curl --silent --fail --output /dev/null "$url/healthz" && break
  kill -0 $paasd 2>/dev/null || { wait $paasd; exit $?; }
  sleep 0.1
done

# The first app: made, pushed with git and asked, as anyone would.
first_app() {
  PAAS_URL=$url PAAS_API_KEY=$(cat "$data/admin.token")
  export PAAS_URL PAAS_API_KEY
  [ "$(paas apps --json)" = "[]" ] || return 0
  say "The platform is empty. Pushing a first app, hello, from tests/apps/javascript-hello:"
  folder=$(mktemp -d)
  cp -R tests/apps/javascript-hello/. "$folder"
  (
    cd "$folder"
    git init --quiet --initial-branch=main
    git add --all
    git -c user.name=paas -c user.email=paas@localhost commit --quiet --message "Hello"
    paas create hello
    git push paas main
  )
  rm -rf "$folder"
}
summary() {
  say "The platform is up."
  login="paas login"
  [ "$url" = http://localhost:8080 ] || login="$login $url"
  [ "$data" = "$HOME/.local/share/paas" ] || login="$login --key-file $data/admin.token"
  answer=$(curl --silent --max-time 10 --header "Host: hello.localhost:$port" "http://127.0.0.1:$port/" || true)
  cat <<END
  App        http://hello.localhost:$port/  answers: $answer
  Dashboard  $url/
  API key    $data/admin.token

To push your own app, in its folder (with the programs on your PATH: export PATH="$bin:\$PATH"):
  $login
  paas create my-app
  git push paas main

Ctrl-C stops the platform; make up starts it again with everything in it.
END
}
if kill -0 $paasd 2>/dev/null && first_app; then summary; else echo "The first app could not be pushed; the lines above say why." >&2; fi

# A signal ends the first wait, paasd's end the second.
wait $paasd && exit 0
status=$?
if kill -0 $paasd 2>/dev/null; then
  wait $paasd && status=0 || status=$?
fi
exit "$status"
