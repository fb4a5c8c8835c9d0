# What the slug holds beside the program.

# The rest of the source: templates, static files, data. The program finds them in its working folder.
move_files() {
  rm -rf .git .env .env.* vendor
  find . \( -name '*.go' -o -type l \) -delete
  rm -f go.mod go.sum go.work go.work.sum Procfile
  find . -mindepth 1 -type d -empty -delete
  [ -n "$(ls -A)" ] || return 1
  mkdir "$PAAS_SLUG_DIR/app"
  find . -mindepth 1 -maxdepth 1 -exec mv {} "$PAAS_SLUG_DIR/app/" \;
}

describe() {
  {
    if move_files; then
      echo "files = 'app'"
    fi
    printf "[processes.web]\nkind = 'wasm'\nfile = 'web.wasm'\n"
    # A program that the linker cannot tell from its libraries is whole.
    if [ -f "$PAAS_SLUG_DIR/library.wasm" ]; then
      echo "libraries = ['memory.wasm', 'library.wasm']"
      # It can rest where it listens.
      [ -z "$serves" ] || echo 'boots = true'
    fi
    printf "[toolchain]\ngo = '%s'\n" "$(head -n 1 "$GOROOT/VERSION" | sed 's/^go//')"
  } > "$PAAS_SLUG_DIR/slug.toml"
  detail "$(($(cat "$PAAS_SLUG_DIR"/*.wasm | wc -c) / 1000000)) MB of WebAssembly; $(($(wc -c < "$PAAS_SLUG_DIR/web.wasm") / 1000)) KB are the app's own functions"
}
