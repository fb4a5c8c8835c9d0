# The settings with which cargo runs here.

use_rust() {
  export PATH="$PAAS_TOOLCHAIN_DIR/rust/bin:$PATH"
  # Debian's compiler finds its libraries so; rustup's by itself.
  debian=$(find "$PAAS_TOOLCHAIN_DIR/root/usr/lib" -maxdepth 1 -name '*-linux-gnu*' 2> /dev/null | head -n 1)
  if [ -n "$debian" ]; then
    export LD_LIBRARY_PATH="$debian"
  fi
  export CARGO_TERM_COLOR=never CARGO_TERM_PROGRESS_WHEN=never CARGO_NET_RETRY=3
}
