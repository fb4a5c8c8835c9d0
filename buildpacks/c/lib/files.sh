# What the slug holds: the program, and the rest of the source as the files that the program finds in its working folder.

# describe MODULE
describe() {
  mv "$1" "$PAAS_SLUG_DIR/web.wasm"
  {
    if move_files; then
      echo "files = 'app'"
    fi
    printf "[processes.web]\nkind = 'wasm'\nfile = 'web.wasm'\n"
    printf "[toolchain]\nclang = '%s'\n" "$(clang-22 -dumpversion)"
    sed -n "s/^\(wasi-libc\|libc++-22-dev-wasm32\) \([^ ]*\) .*/'\1' = '\2'/p" "$PAAS_TOOLCHAIN_DIR/packages.txt"
  } > "$PAAS_SLUG_DIR/slug.toml"
}

move_files() {
  find . \( -name '*.o' -o -name '*.a' -o -name '*.c' -o -name '*.cc' -o -name '*.cpp' -o -name '*.cxx' -o -name '*.h' -o -name '*.hpp' -o -type l \) -delete
  rm -rf build/CMakeFiles .git .env .env.* Makefile makefile GNUmakefile CMakeLists.txt Procfile
  find . -mindepth 1 -type d -empty -delete
  [ -n "$(ls -A)" ] || return 1
  mkdir "$PAAS_SLUG_DIR/app"
  find . -mindepth 1 -maxdepth 1 -exec mv {} "$PAAS_SLUG_DIR/app/" \;
}
