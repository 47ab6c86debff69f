#pragma once

// Words of a Dockerfile line: how they are split, and how variables in them are replaced (Dockerfile reference,
// "Environment replacement"). The quoting is a small part of the shell's: '…' is literal, in "…" variables are
// replaced, and the escape character (backslash, or what `# escape=` says) takes the meaning from the next one.

#include "sim/core/Result.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::build {

// What a variable stands for; nothing where it is not set.
using Variables = std::function<std::optional<std::string>(std::string const& name)>;

// No Dockerfile word grows beyond this many bytes (HARDENING T34: ENV a=$a$a thirty times).
inline constexpr std::size_t expansion_limit = 64 * 1024;

// Splits at blanks outside of quotes. Quotes and escapes stay in the words.
std::vector<std::string> split_raw_words(std::string_view text, char escape);
// Splits at blanks, whatever they stand between.
std::vector<std::string> split_blanks(std::string_view text);

// Replaces variables and removes quotes and escapes. Understands $v, ${v}, ${v:-word}, ${v:+word}, ${v:?word} and the
// same without the colon. InvalidInput for an open quote or brace, LimitExceeded beyond expansion_limit.
Result<std::string> expand(std::string_view word, char escape, Variables const& variables);
// The same; what an unquoted variable gives is split at blanks again, as EXPOSE and VOLUME have it.
Result<std::vector<std::string>> expand_to_words(std::string_view word, char escape, Variables const& variables);

// ["a", "b"]: nothing where the text is no JSON array, InvalidInput where it holds anything but strings.
Result<std::optional<std::vector<std::string>>> parse_json_words(std::string_view text);
// ["a" "b"]: how docker's history shows the exec form.
std::string quote_words(std::vector<std::string> const& words);

std::string trim(std::string_view text);
std::string upper_case(std::string_view text);

}
