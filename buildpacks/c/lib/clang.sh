# Where the compiler lies; in bin/toolchain and bin/build alike.
ROOT="$PAAS_TOOLCHAIN_DIR/root"
export PATH="$PAAS_TOOLCHAIN_DIR/bin:$ROOT/usr/bin:$PATH"
LD_LIBRARY_PATH=$(find "$ROOT/usr/lib" -maxdepth 1 -name '*-linux-gnu*' 2> /dev/null | head -n 1)
export LD_LIBRARY_PATH
