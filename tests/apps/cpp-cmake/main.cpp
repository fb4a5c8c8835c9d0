// A small API in C++20 as a CGI program: it starts for each request, reads its environment, prints the answer, and ends.
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "request.hpp"

static const std::vector<std::string> books = {"The C++ Programming Language", "Walden"};

static std::ostream &head(const std::string &status, const std::string &type = "text/plain; charset=utf-8") {
  return std::cout << "Status: " << status << "\nContent-Type: " << type << "\n\n";
}

static std::string json(size_t number) { return "{\"id\":" + std::to_string(number) + ",\"title\":\"" + books[number - 1] + "\"}"; }

static void missing() { head("404 Not Found", "application/json") << "{\"error\":\"no such book\"}\n"; }

static void one(const std::string &path) {
  size_t number = std::strtoul(path.substr(7).c_str(), nullptr, 10);
  if (number < 1 || number > books.size()) return missing();
  head("200 OK", "application/json") << json(number) << "\n";
}

static void visits() {
  std::string cookies = variable("HTTP_COOKIE");
  size_t at = cookies.find("visits=");
  int count = at == std::string::npos ? 1 : std::atoi(cookies.c_str() + at + 7) + 1;
  std::cout << "Set-Cookie: visits=" << count << "; Path=/; HttpOnly\n";
  head("200 OK") << count << "\n";
}

static const std::map<std::string, std::function<void()>> routes = {
    {"GET /", [] { head("200 OK") << variable("GREETING", "Hello") << " from C++\n"; }},
    {"GET /books", [] { head("200 OK", "application/json") << "[" << json(1) << "," << json(2) << "]\n"; }},
    // Takes `{"title":…}` over as it came.
    {"POST /books", [] { head("201 Created", "application/json") << "{\"id\":" << books.size() + 1 << "," << body().substr(1) << "\n"; }},
    {"POST /sign", [] { head("200 OK") << "Thank you, " << field(body(), "name") << "!\n"; }},
    {"GET /old", [] { std::cout << "Status: 302 Found\nLocation: /books\n\n"; }},
    {"GET /visits", visits},
    {"GET /fail",
     [] {
       std::cerr << "failed as asked\n";
       std::abort();
     }},
};

int main() {
  std::string path = variable("PATH_INFO", "/"), asked = variable("REQUEST_METHOD", "GET") + " " + path;
  std::cerr << asked << "\n";
  if (auto route = routes.find(asked); route != routes.end()) route->second();
  else if (asked.starts_with("GET /books/")) one(path);
  else head("404 Not Found") << "Not found\n";
}
