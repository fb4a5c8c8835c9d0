/* One CGI request: the platform's variables, and the body on standard input. */
#include <stddef.h>

/* The value of a variable, or what stands in for it. */
const char *variable(const char *name, const char *otherwise);

/* Reads the body into `to`, cut to fit. */
void read_body(char *to, size_t size);

/* The decoded value of a field of a form, or "" if there is none. */
void form_value(const char *form, const char *name, char *to, size_t size);
