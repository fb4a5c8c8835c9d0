# The settings with which Go runs here, in bin/toolchain and bin/build alike: what was compiled with others would be compiled again.
export GOROOT="$PAAS_TOOLCHAIN_DIR/go"
export PATH="$GOROOT/bin:$PATH"
export GOOS=wasip1 GOARCH=wasm GOTOOLCHAIN=local GOENV=off GOFLAGS=
# Its programs are short-lived: they collect garbage late, up to a bound.
export GOGC=400 GOMEMLIMIT=512MiB
# No paths of this machine in the program.
FLAGS='-trimpath -buildvcs=false'
