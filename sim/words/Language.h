#pragma once

// The language in which Drydock speaks to people. The English text in the source is the key: what a language lacks
// appears in English. One language is on at a time, for the whole program; it changes between frames only.
//
//     text(canvas, at, words::tr("Read-write layer"), …);
//     words::say("{} is running.", name)
//     constexpr std::array phrases { words::key("created"), … };   // words::tr(phrases[i]) later

#include "sim/words/Catalogue.h"

#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace drydock::words {

// From now on; null is English.
void use(std::shared_ptr<Catalogue const>);
// The code of the language that is on: "en", "de".
std::string_view language();

// The text in the language that is on. What it returns lives as long as the program or as `english`.
std::string_view tr(std::string_view english);

// Marks a text that tr() is given later, so that the catalogues are held to it (tests/structure).
consteval std::string_view key(std::string_view english)
{
    return english;
}

// The same for a sentence with values in it. A translation has the same placeholders, which its loading checks.
template <class... Values> std::string say(fmt::format_string<Values...> english, Values&&... values)
{
    fmt::string_view const text = english;
    auto const pattern = tr({ text.data(), text.size() });
    return fmt::vformat(fmt::string_view(pattern.data(), pattern.size()), fmt::make_format_args(values...));
}

// "1 layer", "3 layers"; both words are keys.
std::string counted(std::uint64_t count, std::string_view one, std::string_view many);

}
