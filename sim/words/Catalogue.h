#pragma once

// The texts of one language, by the English ones. Its file is TOML:
//
//     language = "de"
//     name = "Deutsch"
//     [text]
//     "{} is running." = "{} läuft."
//
// A scenario's texts stand in such a file as well. A translation names the same values as the English text does, if
// need be in another order: "{1} von {0}". What is wrong is reported with its line and left out; the rest holds.

#include "sim/core/Result.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::words {

struct CatalogueProblem {
    std::uint32_t line { 0 };
    std::string message;
};

class Catalogue {
public:
    struct Parsed;
    // `text` is the content of a file, at most 1 MiB; whoever may read files hands it over.
    static Parsed parse(std::string_view text);

    std::string_view code() const { return m_code; } // "de"
    std::string_view name() const { return m_name; } // as its speakers call it: "Deutsch"
    std::optional<std::string_view> find(std::string_view english) const;
    std::map<std::string, std::string, std::less<>> const& texts() const { return m_texts; }
    // Takes in the texts of a scenario; those that are there already stay.
    void add(Catalogue const&);

private:
    std::string m_code;
    std::string m_name;
    std::map<std::string, std::string, std::less<>> m_texts;
};

struct Catalogue::Parsed {
    Catalogue catalogue;
    std::vector<CatalogueProblem> problems; // in the order of the file
};

// Nothing where `translation` may be formatted with the values of `english`; else what is wrong with its placeholders.
std::optional<std::string> placeholder_mistake(std::string_view english, std::string_view translation);

}
