#include "visual/settings/Settings.h"

#include "visual/settings/Files.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <array>
#include <cmath>
#include <set>

namespace fs = std::filesystem;

namespace drydock::settings {

namespace {

constexpr std::size_t settings_limit = 64 * 1024;

// Reads one key after the other; what nobody asked for in the end was misspelt.
class Reader {
public:
    Reader(toml::table const& table, std::vector<std::string>& problems)
        : m_table(table)
        , m_problems(problems)
    {
    }

    void theme(theme::ThemeName& value)
    {
        auto const* node = take("theme");
        if (node == nullptr)
            return;
        auto const name = node->value<std::string>();
        for (auto const each : theme::all_themes) {
            if (name && theme::theme(each).name == *name) {
                value = each;
                return;
            }
        }
        complain(*node, "`theme` is dark, light or projector");
    }

    void language(std::string& value)
    {
        auto const* node = take("language");
        auto const code = node == nullptr ? std::nullopt : node->value<std::string>();
        bool const is_code
            = code && code->size() <= 16 && code->find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == code->npos;
        if (is_code)
            value = *code;
        else if (node != nullptr)
            complain(*node, "`language` is a code such as \"de\"");
    }

    void flag(std::string_view key, bool& value)
    {
        auto const* node = take(key);
        if (node != nullptr && node->is_boolean())
            value = node->value_or(value);
        else if (node != nullptr)
            complain(*node, fmt::format("`{}` is true or false", key));
    }

    void whole(std::string_view key, std::int64_t& value, std::int64_t least, std::int64_t most)
    {
        auto const* node = take(key);
        auto const number = node == nullptr || !node->is_integer() ? std::nullopt : node->value<std::int64_t>();
        if (number && *number >= least && *number <= most)
            value = *number;
        else if (node != nullptr)
            complain(*node, fmt::format("`{}` is a number from {} to {}", key, least, most));
    }

    void number(std::string_view key, double& value, double least, double most)
    {
        auto const* node = take(key);
        auto const number = node == nullptr || !node->is_number() ? std::nullopt : node->value<double>();
        if (number && *number >= least && *number <= most)
            value = *number;
        else if (node != nullptr)
            complain(*node, fmt::format("`{}` is a number from {} to {}", key, least, most));
    }

    void finish()
    {
        for (auto const& [key, node] : m_table) {
            if (!m_known.contains(key.str()))
                complain(node, fmt::format("unknown key `{}`", key.str()));
        }
    }

private:
    toml::node const* take(std::string_view key)
    {
        m_known.emplace(key);
        return m_table.get(key);
    }
    void complain(toml::node const& node, std::string const& message)
    {
        m_problems.push_back(fmt::format("line {}: {}", node.source().begin.line, message));
    }

    toml::table const& m_table;
    std::vector<std::string>& m_problems;
    std::set<std::string, std::less<>> m_known;
};

double nearest_power_of_two(double speed)
{
    return std::exp2(std::round(std::log2(speed)));
}

}

Read parse(std::string_view text)
{
    Read read;
    if (text.size() > settings_limit) {
        read.problems.emplace_back("line 1: the file has more than 64 KiB");
        return read;
    }
    try {
        auto const table = toml::parse(text);
        Reader reader(table, read.problems);
        auto& settings = read.settings;
        reader.theme(settings.theme);
        reader.number("scale", settings.scale, 0.75, 2.5);
        reader.language(settings.language);
        reader.flag("reduced_motion", settings.reduced_motion);
        reader.whole("depth", settings.depth, 0, 3);
        reader.number("speed", settings.speed, 0.25, 16);
        reader.whole("width", settings.width, 0, 32768);
        reader.whole("height", settings.height, 0, 32768);
        reader.finish();
        settings.speed = nearest_power_of_two(settings.speed);
    } catch (toml::parse_error const& error) {
        read.problems.push_back(fmt::format("line {}: {}", error.source().begin.line, error.description()));
    }
    return read;
}

std::string to_toml(Settings const& settings)
{
    auto text
        = fmt::format("# Written by Drydock whenever something is chosen; yours to change while it does not run.\n"
                      "theme = \"{}\"\nscale = {:.2f}\n",
            theme::theme(settings.theme).name, settings.scale);
    if (!settings.language.empty())
        text += fmt::format("language = \"{}\"\n", settings.language);
    text += fmt::format(
        "reduced_motion = {}\ndepth = {}\nspeed = {:.2f}\n", settings.reduced_motion, settings.depth, settings.speed);
    if (settings.width > 0 && settings.height > 0)
        text += fmt::format("width = {}\nheight = {}\n", settings.width, settings.height);
    return text;
}

fs::path path()
{
    auto const folder = config_folder();
    return folder.empty() ? folder : folder / "settings.toml";
}

Settings load()
{
    auto const place = path();
    auto read = parse(read_text(place));
    for (auto const& problem : read.problems)
        fmt::print(stderr, "{}: {}; ignored\n", place.string(), problem);
    return read.settings;
}

Result<void> save(Settings const& settings, fs::path const& place)
{
    return save_text(to_toml(settings), place);
}

}
