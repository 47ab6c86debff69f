#include "tests/support/Catch.h"
#include "visual/view/Actions.h"
#include "visual/view/Palette.h"

#include <map>
#include <set>

using namespace drydock::view;
using drydock::canvas::Chord;

TEST_CASE("Actions: every key is a key, and does one thing", "[visual][view]")
{
    std::map<Chord, std::string_view> used;
    for (auto const& info : actions) {
        CAPTURE(info.id);
        CHECK_FALSE(info.label.empty());
        CHECK_FALSE(info.keys[0].empty());
        for (auto const key : info.keys) {
            if (key.empty())
                continue;
            CAPTURE(key);
            auto const chord = Chord::parse(key);
            REQUIRE(chord.has_value());
            CHECK(used.emplace(*chord, info.id).second);
        }
    }
}

TEST_CASE("Actions: every action stands in the table once", "[visual][view]")
{
    std::set<Action> seen;
    for (auto const& info : actions)
        CHECK(seen.insert(info.action).second);
    CHECK(seen.size() == static_cast<std::size_t>(Action::Close) + 1);
}

TEST_CASE("Palette: letters in order fit, word beginnings and runs fit better", "[visual][view]")
{
    CHECK(fuzzy_score("", "Anything"));
    CHECK(fuzzy_score("nb", "Next beat"));
    CHECK_FALSE(fuzzy_score("xyz", "Next beat"));
    CHECK_FALSE(fuzzy_score("taeb", "Next beat"));
    CHECK(*fuzzy_score("pre", "Presenter mode") > *fuzzy_score("pre", "Play or stop here"));
    CHECK(*fuzzy_score("TERM", "Terminal") == *fuzzy_score("term", "Terminal"));
}
