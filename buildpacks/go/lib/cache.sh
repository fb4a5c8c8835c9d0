# What is kept between builds of one app: what was compiled, and modules. All apps see the compiled standard library, through links.
export GOCACHE="$PAAS_CACHE_DIR/compiled" GOMODCACHE="$PAAS_CACHE_DIR/modules"

share_cache() {
  shared="$PAAS_TOOLCHAIN_DIR/cache"
  stamp="$shared $(cat "$CNB_BUILDPACK_DIR/buildpack.toml")"
  # Links into another toolchain lead nowhere.
  if [ "$(cat "$PAAS_CACHE_DIR/stamp" 2> /dev/null)" != "$stamp" ]; then
    rm -rf "$GOCACHE"
    printf '%s\n' "$stamp" > "$PAAS_CACHE_DIR/stamp"
  fi
  mkdir -p "$GOCACHE"
  # At each build, because Go removes what it takes for unused.
  cp -rsn "$shared/." "$GOCACHE/"
}

# Go's own settings, which an app may have among its config vars: private modules, another proxy, build tags.
config_vars() {
  for name in GOFLAGS GOPRIVATE GOPROXY GONOPROXY GOSUMDB GONOSUMDB; do
    file="$CNB_PLATFORM_DIR/env/$name"
    if [ -f "$file" ]; then
      export "$name=$(cat "$file")"
    fi
  done
}
