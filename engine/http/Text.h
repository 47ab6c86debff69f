#pragma once

// The small text rules of HTTP that several files of this module need.

#include <string_view>

namespace drydock::http {

bool equal_without_case(std::string_view a, std::string_view b); // ASCII only
std::string_view trimmed(std::string_view text);                 // of spaces and tabs
// Whether a comma-separated value ("keep-alive, Upgrade") has `word`.
bool list_contains(std::string_view list, std::string_view word);

}
