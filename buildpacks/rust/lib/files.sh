# What the slug holds: the program, and the rest of the source as the files that the program finds at /app.

# describe MODULE
describe() {
  cp "$1" "$PAAS_SLUG_DIR/web.wasm"
  {
    if move_files; then
      echo "files = 'app'"
    fi
    printf "[processes.web]\nkind = 'wasm'\nfile = 'web.wasm'\n"
    printf "[toolchain]\nrustc = '%s'\ncargo = '%s'\n" "$(rustc --version | cut -d' ' -f2)" "$(cargo --version | cut -d' ' -f2)"
    # What Debian's compiler is linked with; rustup's brings its own, and has no such list.
    if [ -f "$PAAS_TOOLCHAIN_DIR/packages.txt" ]; then
      sed -n "s/^wasi-libc \([^ ]*\) .*/wasi-libc = '\1'/p" "$PAAS_TOOLCHAIN_DIR/packages.txt"
    fi
  } > "$PAAS_SLUG_DIR/slug.toml"
  detail "web runs $(basename "$1") ($(($(wc -c < "$1") / 1024)) KB of WebAssembly)"
}

move_files() {
  # For the platform, which names what it pins: it is no file of the app.
  [ ! -f Cargo.lock ] || cp Cargo.lock "$CNB_LAYERS_DIR/Cargo.lock"
  rm -rf .git .env .env.* .cargo target vendor Cargo.toml Cargo.lock Procfile
  find . \( -name '*.rs' -o -name Cargo.toml -o -type l \) -delete
  find . -mindepth 1 -type d -empty -delete
  [ -n "$(ls -A)" ] || return 1
  mkdir "$PAAS_SLUG_DIR/app"
  find . -mindepth 1 -maxdepth 1 -exec mv {} "$PAAS_SLUG_DIR/app/" \;
}
