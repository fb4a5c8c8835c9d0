# Runs the app's own way of building.

compile() {
  # For what the app's Makefile leaves open. Also what it adds to them.
  export CC=wasi-cc CXX=wasi-c++ LD=wasi-cc AR=ar RANLIB=: CFLAGS="${CFLAGS:--O2}" CXXFLAGS="${CXXFLAGS:--O2}" LDFLAGS="${LDFLAGS:-}"
  if [ -f Makefile ] || [ -f makefile ] || [ -f GNUmakefile ]; then
    detail 'Running make'
    # As arguments, because a Makefile may say `CC = gcc`.
    run make --no-print-directory "--jobs=$(nproc)" CC=wasi-cc CXX=wasi-c++ RANLIB=:
  else
    detail 'Running cmake'
    run cmake -S . -B build -G 'Unix Makefiles' -DCMAKE_TOOLCHAIN_FILE="$CNB_BUILDPACK_DIR/lib/wasi.cmake" -DCMAKE_BUILD_TYPE=Release
    run cmake --build build --parallel "$(nproc)"
  fi
}

# Shows what a program says, and stops if it fails.
run() {
  if ! "$@" > "$HOME/said" 2>&1; then
    indent < "$HOME/said"
    explain "$HOME/said"
    fail 'The app does not compile. Correct what is said above, commit it, and push again.'
  fi
  indent < "$HOME/said"
}

# explain MESSAGES: what to do about the messages that have to do with this platform; the others speak for themselves.
explain() {
  if grep -qE "cannot use '(throw|try)' with exceptions disabled" "$1"; then
    fail 'C++ has no exceptions here. Return errors instead, commit, and push again.'
  elif grep -qE "'(pthread|thread|setjmp|sys/wait|sys/socket|netdb)(\.h)?' file not found|undefined symbol: (pthread_|fork|exec|socket|listen|bind|setjmp|longjmp)|(undeclared|call to undeclared).*'(fork|socket|listen|bind|pthread_create|setjmp)'|WASM lacks" "$1"; then
    fail 'A program on this platform has no processes, threads, sockets or long jumps: it reads one request from its environment and standard input, prints the answer, and ends (CGI).' \
      'Do without what is named above, commit, and push again.'
  fi
}

# The module that answers: the one the Procfile names, or the only one that was made.
choose_module() {
  web=$(tr -d '\r' 2> /dev/null < Procfile | sed -nE 's,^[[:space:]]*web[[:space:]]*:[[:space:]]*(\./)?([^[:space:]]+).*$,\2,p')
  if [ -n "$web" ]; then
    for file in "$web" "build/$web" "$web.wasm" "build/$web.wasm"; do
      if is_module "$file"; then
        echo "$file"
        return
      fi
    done
    fail "The Procfile says \`web: $web\`, but the build made no program of this name." 'Correct the Procfile, commit it, and push again.' >&2
  fi
  made=$(find . -type f -newer "$HOME/began" ! -name '*.o' ! -name '*.obj' ! -name '*.a' | grep -v '/CMakeFiles/' | sort | while read -r file; do
    if is_module "$file"; then echo "${file#./}"; fi
  done)
  [ -n "$made" ] || fail 'The build made no program. Its first target (or CMake'"'"'s add_executable) must link one with $(CC) or $(CXX). Correct that, commit it, and push again.' >&2
  if [ "$(echo "$made" | wc -l)" != 1 ]; then
    {
      printf ' !     The build made several programs:\n'
      echo "$made" | sed 's/^/ !       /'
      fail 'Name the one that answers in a Procfile, for example `web: ./'"$(echo "$made" | head -n 1)"'`, commit it, and push again.'
    } >&2
  fi
  echo "$made"
}

is_module() {
  [ -f "$1" ] && [ ! -L "$1" ] && [ "$(head -c 4 "$1" | tr '\0' 0)" = 0asm ]
}
