# What the slug holds.

describe() {
  printf "[processes.web]\nkind = 'wasm'\nfile = 'web.wasm'\n" > "$PAAS_SLUG_DIR/slug.toml"
  detail "$(du -m "$PAAS_SLUG_DIR/web.wasm" | cut -f1) MB of WebAssembly"
}
