// drydock lessons: the course in a terminal.

#include "sim/words/Language.h"
#include "visual/app/Commands.h"
#include "visual/app/Coursework.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace drydock::app {

namespace {

using Json = nlohmann::ordered_json;
using Entry = view::ScenarioEntry;

std::string_view word_for(Entry::Kind kind)
{
    switch (kind) {
    case Entry::Kind::Lesson: return "lesson";
    case Entry::Kind::Demonstration: return "demonstration";
    case Entry::Kind::Task: return "task";
    }
    return "";
}

std::string_view word_for(Entry::State state)
{
    switch (state) {
    case Entry::State::NotBegun: return "not begun";
    case Entry::State::Begun: return "begun";
    case Entry::State::Done: return "done";
    }
    return "";
}

Json as_json(Coursework const& coursework)
{
    Json lessons = Json::array(), tracks = Json::array();
    for (auto const& entry : coursework.scenarios()) {
        Json one { { "id", entry.id }, { "kind", word_for(entry.kind) }, { "title", words::tr(entry.title) },
            { "minutes", entry.minutes }, { "state", word_for(entry.state) } };
        if (entry.number > 0)
            one["number"] = entry.number;
        if (!entry.done_on.empty())
            one["done"] = entry.done_on;
        one["refutes"] = Json::array();
        for (auto const& belief : entry.refutes)
            one["refutes"].push_back(words::tr(belief));
        lessons.push_back(std::move(one));
    }
    for (auto const& track : coursework.course().tracks)
        tracks.push_back({ { "name", words::tr(track.name) }, { "lessons", track.lessons } });
    return { { "scenarios", lessons }, { "tracks", tracks }, { "last", coursework.course().last } };
}

std::string state_of(Entry const& entry)
{
    switch (entry.state) {
    case Entry::State::NotBegun: return {};
    case Entry::State::Begun: return words::say("begun");
    case Entry::State::Done: return words::say("done {}", entry.done_on);
    }
    return {};
}

void print_all(Coursework const& coursework, Entry::Kind kind, std::string_view heading)
{
    bool any = false;
    for (auto const& entry : coursework.scenarios()) {
        if (entry.kind != kind)
            continue;
        if (!std::exchange(any, true))
            fmt::print("{}\n", heading);
        auto const number = entry.number > 0 ? fmt::format("{:2}.", entry.number) : std::string("  -");
        fmt::print(
            " {} {} ({})  {}\n", number, words::tr(entry.title), words::say("{} min", entry.minutes), state_of(entry));
        for (auto const& belief : entry.refutes)
            fmt::print("       {}\n", words::say("Not so: {}", words::tr(belief)));
        fmt::print("       drydock play {}\n", entry.id);
    }
    if (any)
        fmt::print("\n");
}

}

int lessons(bool json)
{
    Coursework const coursework;
    if (json) {
        fmt::print("{}\n", as_json(coursework).dump(2));
        return 0;
    }
    print_all(coursework, Entry::Kind::Lesson, words::tr("Lessons"));
    print_all(coursework, Entry::Kind::Task, words::tr("Open tasks"));
    print_all(coursework, Entry::Kind::Demonstration, words::tr("Demonstrations"));
    for (auto const& track : coursework.course().tracks)
        fmt::print("{}: {}\n", words::tr(track.name), fmt::join(track.lessons, ", "));
    return 0;
}

}
