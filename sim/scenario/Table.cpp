#include "sim/scenario/Table.h"

#include <cmath>

namespace drydock::scenario {

namespace {

// Edits between two words (Levenshtein 1966), for "did you mean".
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            auto const substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({ row[j] + 1, row[j - 1] + 1, substitute });
        }
    }
    return row[b.size()];
}

}

void Table::problem(std::string_view key, std::string message, std::string remedy) const
{
    auto const* node = key.empty() ? nullptr : m_table.get(key);
    auto const& place = node != nullptr ? node->source().begin : m_table.source().begin;
    m_problems.push_back(
        { std::max(place.line, 1U), std::max(place.column, 1U), std::move(message), std::move(remedy) });
}

toml::node const* Table::take(std::string_view key, Need need)
{
    m_known.emplace(key);
    auto const* node = m_table.get(key);
    if (node == nullptr && need == Need::Required)
        problem("", fmt::format("`{}` is missing", key), fmt::format("add `{} = …`", key));
    return node;
}

std::string Table::text(std::string_view key, Need need)
{
    auto const* node = take(key, need);
    if (node == nullptr)
        return {};
    if (auto const value = node->value_exact<std::string>())
        return *value;
    problem(key, fmt::format("`{}` must be a text", key), "put it in quotation marks");
    return {};
}

std::optional<std::string> Table::maybe_text(std::string_view key)
{
    if (!has(key)) {
        m_known.emplace(key);
        return std::nullopt;
    }
    return text(key);
}

std::optional<bool> Table::maybe_flag(std::string_view key)
{
    auto const* node = take(key, Need::Optional);
    if (node == nullptr)
        return std::nullopt;
    if (auto const value = node->value_exact<bool>())
        return value;
    problem(key, fmt::format("`{}` must be true or false", key), "write it without quotation marks");
    return std::nullopt;
}

std::optional<std::int64_t> Table::maybe_number(std::string_view key, std::int64_t least, std::int64_t most, Need need)
{
    auto const* node = take(key, need);
    if (node == nullptr)
        return std::nullopt;
    auto const value = node->value_exact<std::int64_t>();
    if (value && *value >= least && *value <= most)
        return value;
    problem(key, fmt::format("`{}` must be a whole number", key), fmt::format("from {} to {}", least, most));
    return std::nullopt;
}

std::optional<double> Table::maybe_real(std::string_view key, Need need)
{
    auto const* node = take(key, need);
    if (node == nullptr)
        return std::nullopt;
    auto const value = node->is_number() ? node->value<double>() : std::nullopt;
    if (value && std::isfinite(*value))
        return value;
    problem(key, fmt::format("`{}` must be a number", key), "such as 40 or 0.5");
    return std::nullopt;
}

std::vector<std::string> Table::texts_of(std::string_view key, toml::array const& array)
{
    std::vector<std::string> result;
    for (auto const& item : array) {
        if (auto const value = item.value_exact<std::string>())
            result.push_back(*value);
        else
            problem(key, fmt::format("`{}` must be a list of texts", key), "[\"one\", \"two\"]");
    }
    return result;
}

std::vector<std::string> Table::texts(std::string_view key)
{
    auto const* node = take(key, Need::Optional);
    if (node == nullptr)
        return {};
    if (auto const* array = node->as_array())
        return texts_of(key, *array);
    problem(key, fmt::format("`{}` must be a list of texts", key), "[\"one\", \"two\"]");
    return {};
}

std::vector<std::vector<std::string>> Table::text_lists(std::string_view key)
{
    auto const* node = take(key, Need::Optional);
    if (node == nullptr)
        return {};
    std::vector<std::vector<std::string>> result;
    if (auto const* array = node->as_array()) {
        for (auto const& item : *array) {
            if (auto const* inner = item.as_array())
                result.push_back(texts_of(key, *inner));
            else
                problem(key, fmt::format("`{}` must be a list of lists", key), "[[\"docker …\"], [\"docker …\"]]");
        }
    }
    return result;
}

std::map<std::string, std::string> Table::text_map(std::string_view key)
{
    auto const* node = take(key, Need::Optional);
    if (node == nullptr)
        return {};
    std::map<std::string, std::string> result;
    auto const* table = node->as_table();
    for (auto const& [name, value] : table != nullptr ? *table : toml::table()) {
        if (auto const text = value.value_exact<std::string>())
            result.emplace(name.str(), *text);
    }
    if (table == nullptr || result.size() != table->size())
        problem(key, fmt::format("`{}` must be a table of texts", key), "{ method = \"GET\" }");
    return result;
}

std::vector<Table> Table::tables(std::string_view key, Need need)
{
    auto const* node = take(key, need);
    if (node == nullptr)
        return {};
    std::vector<Table> result;
    auto const* array = node->as_array();
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
        if (auto const* table = array->get(i)->as_table())
            result.emplace_back(*table, m_problems, m_guide);
    }
    if (array == nullptr || result.size() != array->size())
        problem(key, fmt::format("`{}` must be a list of tables", key), fmt::format("write [[{}]] or {{ … }}", key));
    return result;
}

std::optional<Table> Table::maybe_table(std::string_view key, Need need)
{
    auto const* node = take(key, need);
    if (node == nullptr)
        return std::nullopt;
    if (auto const* table = node->as_table())
        return Table(*table, m_problems, m_guide);
    problem(key, fmt::format("`{}` must be a table", key), fmt::format("write [{}]", key));
    return std::nullopt;
}

void Table::finish()
{
    for (auto const& [key, node] : m_table) {
        if (m_known.contains(key.str()))
            continue;
        std::string nearest;
        for (auto const& known : m_known) {
            if (nearest.empty() || distance(known, key.str()) < distance(nearest, key.str()))
                nearest = known;
        }
        auto const& place = key.source().begin;
        auto const remedy = !nearest.empty() && distance(nearest, key.str()) <= 3
            ? "did you mean `" + nearest + "`?"
            : fmt::format("{} lists the keys", m_guide);
        m_problems.push_back({ place.line, place.column, fmt::format("unknown key `{}`", key.str()), remedy });
    }
}

void sort_by_place(std::vector<Problem>& problems)
{
    std::stable_sort(problems.begin(), problems.end(),
        [](Problem const& a, Problem const& b) { return std::pair(a.line, a.column) < std::pair(b.line, b.column); });
}

void check_schema(Table& table)
{
    if (auto const schema = table.maybe_number("schema", 0, 1'000'000, Need::Required); schema && *schema != 1)
        table.problem(
            "schema", fmt::format("schema {} is not known", *schema), "this version of Drydock reads `schema = 1`");
}

}
