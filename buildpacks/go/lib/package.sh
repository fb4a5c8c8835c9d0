# Which of a module's programs answers HTTP.

# list PACKAGES: the main packages among them, one a line: import path, folder, and between spaces all that they import and that these import.
list() {
  go list -e -f '{{if eq .Name "main"}}{{.ImportPath}}{{"\t"}}{{.Dir}}{{"\t"}}{{range .Deps}} {{.}}{{end}} {{end}}' "$@"
}

# The same of this module, to be looked into later.
programs() {
  known ./... && cut -f1 "$HOME/programs"
}

# known PACKAGES: adds what `list` says of them to the file of programs, or fails in Go's words.
known() {
  list "$@" >> "$HOME/programs" 2> "$HOME/list" && return
  indent < "$HOME/list" >&2
  explain "$HOME/list" >&2
  fail 'Go cannot read this module. Correct what it says above, commit it, and push again.' >&2
}

# The name of the file that `go install` makes of a package.
program_name() {
  echo "$1" | sed -E 's,/v[0-9]+$,,; s,.*/,,'
}

# What the Procfile runs as web: the name of a program.
named_by_procfile() {
  [ -f Procfile ] || return 0
  tr -d '\r' < Procfile | sed -nE 's/^[[:space:]]*web[[:space:]]*:[[:space:]]*([^[:space:]]+).*$/\1/p' | sed 's,.*/,,'
}

# As Heroku has it: a config var, or a comment in go.mod.
named_by_heroku() {
  if [ -f "$CNB_PLATFORM_DIR/env/GO_INSTALL_PACKAGE_SPEC" ]; then
    tr ' ' '\n' < "$CNB_PLATFORM_DIR/env/GO_INSTALL_PACKAGE_SPEC" | head -n 1
  else
    sed -nE 's,^//[[:space:]]*\+heroku[[:space:]]+install[[:space:]]+([^[:space:]]+).*,\1,p' go.mod | head -n 1
  fi
}

module_path() {
  sed -nE 's/^module[[:space:]]+"?([^"[:space:]]+).*/\1/p' go.mod | head -n 1
}

choose_package() {
  all=$(programs)
  [ -n "$all" ] || fail 'This module has no `package main`, so there is nothing to run.' 'Add a main function that calls http.ListenAndServe(":"+os.Getenv("PORT"), nil), and push again.' >&2

  web=$(named_by_procfile)
  for package in $all; do
    if [ "$(program_name "$package")" = "$web" ]; then
      echo "$package"
      return
    fi
  done
  spec=$(named_by_heroku)
  case $spec in
    '' | *...*) ;;
    *)
      go list -e -f '{{.ImportPath}}' "$spec"
      return
      ;;
  esac
  root=$(module_path)
  for package in $all; do
    if [ "$package" = "$root" ]; then
      echo "$package"
      return
    fi
  done
  [ "$(echo "$all" | wc -l)" = 1 ] || several
  echo "$all"
}

several() {
  {
    printf ' !     This module has several programs, and nothing says which of them answers HTTP:\n'
    echo "$all" | sed 's/^/ !       /'
    fail "Name it in a Procfile, for example \`web: bin/$(program_name "$(echo "$all" | head -n 1)")\`, commit it, and push again."
  } >&2
}
