// The request, as a CGI program gets it.
#pragma once
#include <string>

std::string variable(const char *name, const std::string &otherwise = "");
std::string body();
// The value of a field of `a=1&b=2`, with %XX and + undone.
std::string field(const std::string &form, const std::string &name);
