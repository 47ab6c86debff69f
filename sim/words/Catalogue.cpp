#include "sim/words/Catalogue.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace drydock::words {

namespace {

constexpr std::size_t catalogue_limit = 1024 * 1024;

// "1:.0f": which value, and how it is written. Nothing where the braces do not match.
std::optional<std::set<std::string>> placeholders(std::string_view text)
{
    std::set<std::string> found;
    int next = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '{' && text[at] != '}')
            continue;
        if (at + 1 < text.size() && text[at + 1] == text[at]) {
            ++at; // "{{" is a brace
            continue;
        }
        auto const end = text.find('}', at);
        if (text[at] == '}' || end == std::string_view::npos)
            return {};
        auto const inside = text.substr(at + 1, end - at - 1);
        auto const colon = std::min(inside.find(':'), inside.size());
        auto const value = inside.substr(0, colon);
        found.insert((value.empty() ? std::to_string(next++) : std::string(value)) + std::string(inside.substr(colon)));
        at = end;
    }
    return found;
}

class CatalogueReader {
public:
    explicit CatalogueReader(std::vector<CatalogueProblem>& problems)
        : m_problems(problems)
    {
    }

    std::string word(toml::table const& root, std::string_view key)
    {
        auto const* node = root.get(key);
        auto const* text = node == nullptr ? nullptr : node->as_string();
        if (text == nullptr)
            complain(root, fmt::format("`{}` has to be a text", key));
        return text == nullptr ? std::string() : text->get();
    }

    std::map<std::string, std::string, std::less<>> texts(toml::table const& root)
    {
        std::map<std::string, std::string, std::less<>> read;
        auto const* node = root.get("text");
        auto const* table = node == nullptr ? nullptr : node->as_table();
        if (table == nullptr) {
            complain(root, "a table [text] is missing");
            return read;
        }
        for (auto const& [key, value] : *table) {
            auto const english = std::string(key.str());
            auto const* text = value.as_string();
            if (text == nullptr || text->get().empty())
                complain(value, fmt::format("\"{}\" has to be translated by a text", english));
            else if (auto const mistake = placeholder_mistake(english, text->get()))
                complain(value, fmt::format("\"{}\": {}", english, *mistake));
            else
                read.emplace(english, text->get());
        }
        return read;
    }

    void finish(toml::table const& root)
    {
        for (auto const& [key, value] : root) {
            if (key != "language" && key != "name" && key != "text")
                complain(value, fmt::format("unknown key `{}`: language, name and [text] are known", key.str()));
        }
        std::stable_sort(
            m_problems.begin(), m_problems.end(), [](auto const& a, auto const& b) { return a.line < b.line; });
    }

private:
    void complain(toml::node const& at, std::string message)
    {
        m_problems.push_back({ at.source().begin.line, std::move(message) });
    }

    std::vector<CatalogueProblem>& m_problems;
};

}

std::optional<std::string> placeholder_mistake(std::string_view english, std::string_view translation)
{
    auto const wanted = placeholders(english), got = placeholders(translation);
    if (!wanted)
        return {}; // shown as it stands, never formatted
    if (!got)
        return "a brace without its other half";
    if (*wanted != *got)
        return fmt::format(
            "the placeholders differ: {{{}}} against {{{}}}", fmt::join(*wanted, "} {"), fmt::join(*got, "} {"));
    return {};
}

Catalogue::Parsed Catalogue::parse(std::string_view text)
{
    Parsed parsed;
    if (text.size() > catalogue_limit) {
        parsed.problems.push_back({ 1, "a language file has at most 1 MiB" });
        return parsed;
    }
    try {
        auto const root = toml::parse(text);
        CatalogueReader reader(parsed.problems);
        parsed.catalogue.m_code = reader.word(root, "language");
        parsed.catalogue.m_name = reader.word(root, "name");
        parsed.catalogue.m_texts = reader.texts(root);
        reader.finish(root);
    } catch (toml::parse_error const& error) {
        parsed.problems.push_back({ error.source().begin.line, std::string(error.description()) });
    }
    return parsed;
}

std::optional<std::string_view> Catalogue::find(std::string_view english) const
{
    auto const found = m_texts.find(english);
    return found == m_texts.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

void Catalogue::add(Catalogue const& other)
{
    m_texts.insert(other.m_texts.begin(), other.m_texts.end());
}

}
