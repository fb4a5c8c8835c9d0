#include "request.hpp"

#include <cstdlib>
#include <iostream>
#include <iterator>

std::string variable(const char *name, const std::string &otherwise) {
  const char *value = std::getenv(name);
  return value ? value : otherwise;
}

std::string body() { return {std::istreambuf_iterator<char>(std::cin), {}}; }

static std::string decoded(const std::string &text) {
  std::string plain;
  for (size_t at = 0; at < text.size(); at++) {
    if (text[at] == '%' && at + 2 < text.size()) {
      plain += static_cast<char>(std::strtol(text.substr(at + 1, 2).c_str(), nullptr, 16));
      at += 2;
    } else {
      plain += text[at] == '+' ? ' ' : text[at];
    }
  }
  return plain;
}

std::string field(const std::string &form, const std::string &name) {
  for (size_t from = 0; from < form.size();) {
    size_t to = std::min(form.find('&', from), form.size());
    if (form.compare(from, name.size() + 1, name + "=") == 0) return decoded(form.substr(from + name.size() + 1, to - from - name.size() - 1));
    from = to + 1;
  }
  return "";
}
