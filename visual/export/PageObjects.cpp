#include "visual/export/PageObjects.h"

#include "sim/trace/EventJson.h"
#include "sim/words/Words.h"
#include "visual/stage/Names.h"
#include "visual/view/Exchanges.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace drydock::exporting {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t told_of_object = 6;  // records
constexpr std::size_t longest_text = 4000; // bytes of a value: a page is no archive, and `drydock trace` has the rest

std::string cut_short(std::string text)
{
    if (text.size() <= longest_text)
        return text;
    text.resize(longest_text);
    return text + " …";
}

Json place_of(int description, canvas::Rect const& rect)
{
    Json place = Json::array({ description });
    for (float const length : { rect.x, rect.y, rect.width, rect.height })
        place.push_back(std::lround(length * 10));
    return place;
}

canvas::Rect around(canvas::Rect const& a, canvas::Rect const& b)
{
    auto const x = std::min(a.x, b.x), y = std::min(a.y, b.y);
    return { x, y, std::max(a.right(), b.right()) - x, std::max(a.bottom(), b.bottom()) - y };
}

}

PageObjects::PageObjects(trace::EventLog const& log, timeline::Timeline& timeline)
    : m_log(log)
    , m_timeline(timeline)
{
    m_index.extend(log);
}

Json PageObjects::of(stage::Scene const& scene, std::uint64_t records, std::uint64_t lead)
{
    auto list = Json::array();
    if (auto const about = description(stage::record_id(lead), records))
        list.push_back(m_places.of(place_of(*about, {})));
    std::vector<std::string> order;
    std::map<std::string, canvas::Rect> rects;
    for (auto const& primitive : scene.primitives) {
        if (!stage::can_be_selected(primitive))
            continue;
        auto const [known, is_new] = rects.emplace(primitive.id, primitive.rect);
        if (is_new)
            order.push_back(primitive.id);
        else
            known->second = around(known->second, primitive.rect);
    }
    for (auto const& id : order) {
        if (auto const number = description(id, records))
            list.push_back(m_places.of(place_of(*number, rects.at(id))));
    }
    return list;
}

std::optional<int> PageObjects::description(std::string const& id, std::uint64_t records)
{
    auto const [known, is_new] = m_known.try_emplace({ id, records });
    if (is_new) {
        if (auto const said = described(id, records); !said.is_null())
            known->second = m_descriptions.of(said);
    }
    return known->second;
}

Json PageObjects::described(std::string const& id, std::uint64_t records)
{
    auto const& world = m_timeline.world_at(records);
    auto const d = view::describe(id, { world, m_log, m_index, records });
    if (d.kind.empty())
        return {};
    Json said { { "id", id }, { "kind", d.kind }, { "name", d.name }, { "words", d.words } };
    for (auto const& field : d.fields)
        said["fields"].push_back({ field.name, cut_short(field.value) });
    for (auto const& proof : d.proofs)
        said["proofs"].push_back({ proof.claim, proof.command });
    bool const is_record = id.starts_with("record:");
    std::vector<std::uint64_t> mentions;
    if (is_record)
        mentions = { std::stoull(id.substr(7)) };
    else {
        auto const all = m_mentions[id].of(view::subject_of(id, world), m_log, records);
        auto const told = all.last(std::min(told_of_object, all.size()));
        mentions.assign(told.rbegin(), told.rend());
        said["more"] = all.size() - told.size();
    }
    said["records"] = mentions;
    m_told.insert(mentions.begin(), mentions.end());
    return said;
}

Json PageObjects::places() const
{
    return m_places.as_array();
}

Json PageObjects::descriptions() const
{
    return m_descriptions.as_array();
}

Json PageObjects::records()
{
    Json all = Json::object();
    for (auto const sequence : m_told) {
        auto const& record = m_log[sequence];
        auto const raw = Json::parse(trace::to_json(record.event), nullptr, false);
        all[std::to_string(sequence)] = { { "type", trace::name_of(record.event) },
            { "says", words::sentence(record.event, m_timeline.world_at(sequence + 1)) },
            { "source", record.source.file + std::string(":") + std::to_string(record.source.line) },
            { "raw", cut_short(raw.dump(2, ' ', false, Json::error_handler_t::replace)) } };
    }
    return all;
}

}
