#pragma once

// What the page's inspector tells of everything on its stage, at each beat: in words, as fields, as it was published,
// and how to prove it. It is what view/Describe.h says, written down, since the page cannot ask.

#include "sim/timeline/Timeline.h"
#include "visual/export/Numbered.h"
#include "visual/stage/Scene.h"
#include "visual/view/Describe.h"
#include "visual/view/Mentions.h"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace drydock::exporting {

class PageObjects {
public:
    PageObjects(trace::EventLog const&, timeline::Timeline&);

    // The places of what the scene shows, the topmost last, and at the front that of the event which the beat is about,
    // which lies nowhere. Numbers into `places`. `records`: how many have happened at that moment.
    nlohmann::ordered_json of(stage::Scene const&, std::uint64_t records, std::uint64_t lead);

    // [description, x, y, width, height], in tenths.
    nlohmann::ordered_json places() const;
    nlohmann::ordered_json descriptions() const;
    // What the descriptions refer to, by sequence.
    nlohmann::ordered_json records();

private:
    // Nothing where there is no more to say of it than that it is there.
    std::optional<int> description(std::string const& id, std::uint64_t records);
    nlohmann::ordered_json described(std::string const& id, std::uint64_t records);

    trace::EventLog const& m_log;
    timeline::Timeline& m_timeline;
    view::LogIndex m_index;
    std::map<std::string, view::Mentions> m_mentions; // by object, as each remembers the object asked for last
    std::map<std::pair<std::string, std::uint64_t>, std::optional<int>> m_known;
    std::set<std::uint64_t> m_told;
    Numbered m_descriptions;
    Numbered m_places;
};

}
