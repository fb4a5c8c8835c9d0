#include "request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *variable(const char *name, const char *otherwise) {
  const char *value = getenv(name);
  return value ? value : otherwise;
}

void read_body(char *to, size_t size) { to[fread(to, 1, size - 1, stdin)] = '\0'; }

static int digit(char c) { return c <= '9' ? c - '0' : (c | 32) - 'a' + 10; }

void form_value(const char *form, const char *name, char *to, size_t size) {
  size_t length = strlen(name);
  while (form && (strncmp(form, name, length) != 0 || form[length] != '=')) {
    form = strchr(form, '&');
    if (form) form++;
  }
  const char *at = form ? form + length + 1 : "";
  for (; *at && *at != '&' && size > 1; size--) {
    if (*at == '%' && at[1] && at[2]) {
      *to++ = (char)(digit(at[1]) * 16 + digit(at[2]));
      at += 3;
    } else {
      *to++ = *at == '+' ? ' ' : *at;
      at++;
    }
  }
  *to = '\0';
}
