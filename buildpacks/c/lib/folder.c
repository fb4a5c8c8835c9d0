/* Part of every program: it begins in the folder that PWD names, as a program elsewhere does. WASI's own C library begins at the root. */
#include <stdlib.h>
#include <unistd.h>

__attribute__((constructor)) static void begin_in_its_folder(void) {
  const char *folder = getenv("PWD");
  if (folder && chdir(folder) != 0) chdir("/");
}
