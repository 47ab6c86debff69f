#include "visual/settings/Progress.h"

#include "visual/settings/Files.h"

#include <fmt/format.h>
#include <toml++/toml.h>

namespace drydock::settings {

namespace {

constexpr std::size_t progress_limit = 256 * 1024;
constexpr std::int64_t most_phases = 1000;

// "2026-11-26"
bool is_day(std::string_view text)
{
    constexpr std::string_view pattern = "dddd-dd-dd";
    if (text.size() != pattern.size())
        return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (pattern[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != pattern[i])
            return false;
    }
    return true;
}

std::string in_quotes(std::string_view text)
{
    std::string result = "\"";
    for (char const c : text)
        result += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    return result + "\"";
}

void read_lesson(toml::key const& id, toml::node const& node, ReadProgress& read)
{
    auto const* table = node.as_table();
    auto const text = [&](std::string_view key) { return table->at_path(key).value_or(std::string()); };
    LessonProgress lesson;
    if (table != nullptr)
        lesson = {
            .begun = text("begun"), .done = text("done"), .phase = table->at_path("phase").value_or(std::int64_t { 0 })
        };
    bool const sound = is_day(lesson.begun) && (lesson.done.empty() || is_day(lesson.done)) && lesson.phase >= 0
        && lesson.phase <= most_phases;
    if (sound)
        read.progress.lessons.emplace(id.str(), std::move(lesson));
    else
        read.problems.push_back(fmt::format("line {}: lesson \"{}\" has `begun` and `done`, days such as "
                                            "\"2026-11-26\", and `phase`, a number",
            node.source().begin.line, id.str()));
}

}

void Progress::see(std::string const& lesson, std::int64_t phase, std::string const& day)
{
    auto& known = lessons[lesson];
    if (known.begun.empty())
        known.begun = day;
    known.phase = phase;
    last = lesson;
}

void Progress::reach(std::string const& lesson, std::string const& day)
{
    auto& known = lessons[lesson];
    if (known.begun.empty())
        known.begun = day;
    known.done = day;
    last = lesson;
}

ReadProgress parse_progress(std::string_view text)
{
    ReadProgress read;
    if (text.size() > progress_limit) {
        read.problems.emplace_back("line 1: the file has more than 256 KiB");
        return read;
    }
    try {
        auto const table = toml::parse(text);
        for (auto const& [key, node] : table) {
            if (key == "last" && node.is_string())
                read.progress.last = node.value_or(std::string());
            else if (key == "lesson" && node.is_table())
                for (auto const& [id, lesson] : *node.as_table())
                    read_lesson(id, lesson, read);
            else
                read.problems.push_back(fmt::format("line {}: `{}` is not known", key.source().begin.line, key.str()));
        }
    } catch (toml::parse_error const& error) {
        read.problems.push_back(fmt::format("line {}: {}", error.source().begin.line, error.description()));
    }
    return read;
}

std::string progress_as_toml(Progress const& progress)
{
    std::string text
        = "# Written by Drydock: how far you have come. It stays on this machine; delete it to begin anew.\n";
    if (!progress.last.empty())
        text += fmt::format("last = {}\n", in_quotes(progress.last));
    for (auto const& [id, lesson] : progress.lessons) {
        text += fmt::format("\n[lesson.{}]\nbegun = {}\n", in_quotes(id), in_quotes(lesson.begun));
        if (!lesson.done.empty())
            text += fmt::format("done = {}\n", in_quotes(lesson.done));
        text += fmt::format("phase = {}\n", lesson.phase);
    }
    return text;
}

std::filesystem::path progress_path()
{
    auto const folder = config_folder();
    return folder.empty() ? folder : folder / "progress.toml";
}

Progress load_progress()
{
    auto const place = progress_path();
    auto read = parse_progress(read_text(place));
    for (auto const& problem : read.problems)
        fmt::print(stderr, "{}: {}; ignored\n", place.string(), problem);
    return read.progress;
}

Result<void> save_progress(Progress const& progress, std::filesystem::path const& place)
{
    return save_text(progress_as_toml(progress), place);
}

}
