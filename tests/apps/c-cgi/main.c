/* A small API as a CGI program: it starts for each request, reads its environment, prints the answer, and ends. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "request.h"

static const char *books[] = {"The C Programming Language", "Walden"};

static void head(const char *status, const char *type) { printf("Status: %s\nContent-Type: %s\n\n", status, type); }

static void list(void) {
  head("200 OK", "application/json");
  printf("[{\"id\":1,\"title\":\"%s\"},{\"id\":2,\"title\":\"%s\"}]\n", books[0], books[1]);
}

static void one(int id) {
  if (id < 1 || id > 2) {
    head("404 Not Found", "application/json");
    puts("{\"error\":\"no such book\"}");
    return;
  }
  head("200 OK", "application/json");
  printf("{\"id\":%d,\"title\":\"%s\"}\n", id, books[id - 1]);
}

/* Takes `{"title":…}` over as it came. */
static void add(void) {
  char body[4096];
  read_body(body, sizeof body);
  head(body[0] == '{' ? "201 Created" : "400 Bad Request", "application/json");
  printf("{\"id\":3,%s\n", body[0] == '{' ? body + 1 : "\"error\":\"not an object\"}");
}

static void sign(void) {
  char form[4096], name[256];
  read_body(form, sizeof form);
  form_value(form, "name", name, sizeof name);
  head("200 OK", "text/plain; charset=utf-8");
  printf("Thank you, %s!\n", name);
}

static void visits(void) {
  const char *cookie = strstr(variable("HTTP_COOKIE", ""), "visits=");
  int count = cookie ? atoi(cookie + strlen("visits=")) + 1 : 1;
  printf("Set-Cookie: visits=%d; Path=/; HttpOnly\n", count);
  head("200 OK", "text/plain");
  printf("%d\n", count);
}

/* A file of the source. */
static void about(void) {
  char text[256];
  FILE *file = fopen("templates/book.txt", "r");
  if (!file || !fgets(text, sizeof text, file)) {
    perror("templates/book.txt");
    exit(1);
  }
  head("200 OK", "text/plain");
  fputs(text, stdout);
}

static void home(void) {
  head("200 OK", "text/plain");
  printf("%s from C\n", variable("GREETING", "Hello"));
}

int main(void) {
  const char *method = variable("REQUEST_METHOD", "GET"), *path = variable("PATH_INFO", "/");
  fprintf(stderr, "%s %s\n", method, path);
  int post = strcmp(method, "POST") == 0;
  if (strcmp(path, "/") == 0) home();
  else if (strcmp(path, "/books") == 0) post ? add() : list();
  else if (strncmp(path, "/books/", 7) == 0) one(atoi(path + 7));
  else if (strcmp(path, "/sign") == 0 && post) sign();
  else if (strcmp(path, "/old") == 0) printf("Status: 302 Found\nLocation: /books\n\n");
  else if (strcmp(path, "/visits") == 0) visits();
  else if (strcmp(path, "/about") == 0) about();
  else if (strcmp(path, "/fail") == 0) {
    fprintf(stderr, "failed as asked\n");
    abort();
  } else {
    head("404 Not Found", "text/plain");
    puts("Not found");
  }
  return 0;
}
