#pragma once

// The language in which Drydock speaks to people. The English text in the source is the key: what a language lacks
// appears in English. One language is on at a time, for the whole program; it changes between frames only.
//
//     text(canvas, at, words::tr("Read-write layer"), …);
//     words::say("{} is running.", name)

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace drydock::words {

// The text in the language that is on. What it returns lives as long as the program or as `english`.
std::string_view tr(std::string_view english);

// The same for a sentence with values in it. A translation has the same placeholders, which its loading checks.
template <class... Values> std::string say(fmt::format_string<Values...> english, Values&&... values)
{
    fmt::string_view const key = english;
    auto const pattern = tr({ key.data(), key.size() });
    return fmt::vformat(fmt::string_view(pattern.data(), pattern.size()), fmt::make_format_args(values...));
}

}
