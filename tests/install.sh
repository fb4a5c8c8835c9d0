#!/bin/sh
# Installs what some journeys drive the platform with: the Heroku CLI, a driver for Chromium, and the schema of SBOMs.
set -eu
cd "$(dirname "$0")"

for tool in heroku browser sbom; do
    installed=$tool/node_modules/.package-lock.json
    if [ -e "$installed" ] && [ ! "$tool/package-lock.json" -nt "$installed" ]; then
        echo "tests/$tool is installed."
        continue
    fi
    echo "Installing tests/$tool..."
    (cd "$tool" && npm ci --ignore-scripts --no-progress --loglevel=error)
done
