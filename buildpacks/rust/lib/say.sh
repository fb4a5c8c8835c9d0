# Lines of a push.
step() { echo "-----> $1"; }
detail() { printf '       %s\n' "$@"; }
indent() { sed 's/^/       /'; }

# For what someone must correct: one line for each argument.
fail() {
  printf ' !     %s\n' "$@"
  exit 1
}
