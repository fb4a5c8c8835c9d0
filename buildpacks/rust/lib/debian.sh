# Rust as Debian packages it, for a machine that does not reach rustup's server: its compiler knows WebAssembly, but brings no standard library for it.

TARGET=wasm32-wasip2

by_debian() {
  command -v apt-get > /dev/null && command -v dpkg-deb > /dev/null || fail 'Neither rustup nor apt can fetch Rust on this machine. Install rustup on it.'
  . "$CNB_BUILDPACK_DIR/lib/apt.sh"
  detail 'Fetching Rust by apt (180 MB)'
  root="$PAAS_TOOLCHAIN_DIR/root"
  fetch "$root" rustc-web cargo-web rust-web-src rust-web-llvm libstd-rust-web-1.96 libstd-rust-web-dev libllvm22 lld-22 wasi-libc \
    libgit2-1.5 libssh2-1 libmbedtls14 libmbedcrypto7 libmbedx509-1 libhttp-parser2.9
  ln -s root/usr "$PAAS_TOOLCHAIN_DIR/rust"
  use_rust
  detail 'Compiling its standard library for WebAssembly'
  build_std
}

# With bitcode: an app with `lto = true` needs it.
build_std() {
  export CARGO_HOME="$HOME/cargo"
  cargo new --quiet --lib --vcs none "$HOME/empty"
  (cd "$HOME/empty" && RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes cargo build --quiet --release -Zbuild-std=std,panic_abort --target "$TARGET" 2>&1) | indent
  library="$root/usr/lib/rustlib/$TARGET/lib"
  mkdir -p "$library/self-contained"
  find "$HOME/empty/target/$TARGET/release/deps" -name '*.rlib' ! -name 'libempty*' -exec cp {} "$library/" \;
  for file in libc.a crt1-command.o crt1-reactor.o; do
    cp "$root/usr/lib/wasm32-wasi/$file" "$library/self-contained/"
  done
  [ -n "$(find "$library" -name 'libstd-*.rlib')" ] || fail 'The standard library did not compile.'
}
