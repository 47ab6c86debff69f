#include "visual/export/Recording.h"

#include "sim/words/Language.h"
#include "sim/words/Words.h"
#include "visual/canvas/Text.h"
#include "visual/theme/Icons.h"
#include "visual/view/AnalogyPicture.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace drydock::exporting {

namespace {

using Json = nlohmann::ordered_json;

constexpr double just_before = 0.001; // the last moment of a beat is its still

int tenths(float length)
{
    return static_cast<int>(std::lround(length * 10));
}

int thousandths(float part)
{
    return static_cast<int>(std::lround(part * 1000));
}

template <class E> int number(E value)
{
    return static_cast<int>(value);
}

Json ink_of(stage::Ink const& ink)
{
    return { number(ink.tone), number(ink.category), static_cast<int>(std::lround(ink.opacity * 100)) };
}

template <class T> int number_or_none(std::optional<T> const& value)
{
    return value ? number(*value) : -1;
}

// What of a shape stays while it moves: its kind and its looks, as the brushes of Page.js take them.
class Looks {
public:
    Looks(canvas::Measure const& measure, canvas::Rect const& rect)
        : m_measure(measure)
        , m_rect(rect)
    {
    }

    Json operator()(stage::CardShape const& s) const
    {
        return { "card", number(s.look.elevation), number_or_none(s.look.stripe), number_or_none(s.look.tint),
            number(s.look.border), number(s.look.selected), number(s.look.inactive) };
    }
    Json operator()(stage::FillShape const& s) const { return { "fill", ink_of(s.ink), s.radius }; }
    Json operator()(stage::OutlineShape const& s) const
    {
        return { "outline", ink_of(s.ink), s.radius, s.width, number(s.stroke) };
    }
    Json operator()(stage::HatchShape const& s) const { return { "hatch", ink_of(s.ink) }; }
    Json operator()(stage::TextShape const& s) const
    {
        return { "text", number(s.style), ink_of(s.ink), number(s.align),
            s.lines == 1 ? Json(one_line(s)) : lines_of(s) };
    }
    Json operator()(stage::ChipShape const& s) const
    {
        auto const icon_room = s.look.icon ? theme::icon_size::small + theme::space::tight : 0.0f;
        auto const room = m_rect.width - 2 * theme::space::snug - icon_room;
        return { "chip", canvas::elided(m_measure, s.look.style, s.text, room + 0.5f, canvas::Cut::End),
            number(s.category), s.look.icon ? theme::utf8(*s.look.icon) : std::string(), number(s.look.border),
            number(s.look.style) };
    }
    Json operator()(stage::IconShape const& s) const { return { "icon", theme::utf8(s.icon), ink_of(s.ink), s.size }; }
    Json operator()(stage::StateShape const& s) const { return { "state", number(s.mark) }; }
    Json operator()(stage::MeterShape const& s) const { return { "meter", number(s.category) }; }
    Json operator()(stage::WireShape const& s) const { return { "wire", number(s.category), number(s.stroke) }; }
    Json operator()(stage::PulseShape const& s) const { return { "pulse", s.radius }; }
    Json operator()(stage::BubbleShape const&) const { return Json::array({ "bubble" }); }

private:
    std::string one_line(stage::TextShape const& s) const
    {
        return canvas::elided(m_measure, s.style, s.text, m_rect.width + 0.5f, s.cut);
    }

    Json lines_of(stage::TextShape const& s) const
    {
        auto const all = canvas::wrapped(m_measure, s.style, s.text, m_rect.width);
        auto const shown = std::min(all.size(), static_cast<std::size_t>(std::max(0, s.lines)));
        auto lines = Json::array();
        for (std::size_t i = 0; i < shown; ++i) {
            bool const cut = i + 1 == shown && shown < all.size();
            auto const line = cut ? std::string(all[i]).append("…") : std::string(all[i]);
            lines.push_back(canvas::elided(m_measure, s.style, line, m_rect.width + 0.5f, canvas::Cut::End));
        }
        return lines;
    }

    canvas::Measure const& m_measure;
    canvas::Rect m_rect;
};

// What of a primitive may change from frame to frame: place, opacity, and what its kind adds.
std::vector<int> values_of(stage::Primitive const& primitive)
{
    auto const& r = primitive.rect;
    std::vector<int> values { tenths(r.x), tenths(r.y), tenths(r.width), tenths(r.height),
        static_cast<int>(std::lround(primitive.opacity * 100)) };
    if (auto const* wire = std::get_if<stage::WireShape>(&primitive.shape))
        values.insert(values.end(),
            { tenths(wire->from.x), tenths(wire->from.y), tenths(wire->to.x), tenths(wire->to.y),
                thousandths(wire->part) });
    else if (auto const* meter = std::get_if<stage::MeterShape>(&primitive.shape))
        values.push_back(thousandths(meter->part));
    else if (auto const* pulse = std::get_if<stage::PulseShape>(&primitive.shape))
        values.push_back(thousandths(pulse->k));
    else if (auto const* bubble = std::get_if<stage::BubbleShape>(&primitive.shape))
        values.insert(values.end(), { tenths(bubble->at.x), tenths(bubble->at.y) });
    return values;
}

int frames_of(stage::Beat const& beat)
{
    auto const moving = std::min(beat.motion + stage::pulse_time, beat.end - beat.begin);
    return static_cast<int>(std::ceil(moving / recording_frame_time)) + 1;
}

}

// One primitive through the frames in which it is there without a gap.
struct Recording::Tracks {
    struct Track {
        int shape;
        int first;
        std::vector<std::vector<int>> values; // of each frame
    };
    std::vector<Track> tracks;
    std::vector<std::size_t> order; // in which they are drawn
    std::map<std::string, std::size_t> by_key;

    void add(std::string const& key, int shape, int frame, std::vector<int> values, std::size_t& place)
    {
        auto const known = by_key.find(key);
        bool const goes_on = known != by_key.end()
            && tracks[known->second].first + static_cast<int>(tracks[known->second].values.size()) == frame;
        if (goes_on) {
            tracks[known->second].values.push_back(std::move(values));
            auto const at = std::find(order.begin(), order.end(), known->second);
            place = std::max(place, static_cast<std::size_t>(at - order.begin()) + 1);
            return;
        }
        by_key[key] = tracks.size();
        order.insert(order.begin() + static_cast<std::ptrdiff_t>(place), tracks.size());
        ++place;
        tracks.push_back({ shape, frame, { std::move(values) } });
    }
};

Recording::Recording(trace::EventLog const& log, canvas::Measure const& measure, canvas::Rect const& room)
    : m_log(log)
    , m_measure(measure)
    , m_room(room)
    , m_ruler(stage::ruler_of(measure))
    , m_timeline(log)
    , m_objects(log, m_timeline)
{
}

Recording::~Recording() = default;

Json Recording::shapes() const
{
    return m_shapes.as_array();
}

Json Recording::things() const
{
    return m_things.as_array();
}

stage::Look Recording::look_at(trace::Depth depth) const
{
    return { .view = { m_room, depth }, .unlit = recording_unlit, .reduced_motion = false, .selected = {} };
}

std::optional<Json> Recording::beats(trace::Depth depth, Progress const& progress)
{
    stage::Choreography choreography(depth);
    choreography.extend(m_log);
    stage::Director director(m_timeline, choreography);
    auto list = Json::array();
    for (auto const& beat : choreography.beats()) {
        auto const frames = frames_of(beat);
        auto const& scenario = m_timeline.world_at(beat.end_record).scenario;
        Json entry { { "begin", beat.begin }, { "motion", beat.motion }, { "end", beat.end },
            { "caption", beat.caption }, { "lead", beat.lead }, { "records", { beat.first_record, beat.end_record } },
            { "phase", scenario ? std::string(words::tr(scenario->phase_name)) : std::string() },
            { "provenance", words::word_for(beat.provenance) }, { "live", beat.provenance == trace::Provenance::Live },
            { "holds", beat.holds }, { "frames", frames } };
        if (auto question = question_of(beat); !question.is_null())
            entry["question"] = std::move(question);
        if (auto lesson = lesson_of(beat); !lesson.is_null())
            entry["lesson"] = std::move(lesson);
        entry["tracks"] = tracks_of(beat, director, depth, frames);
        entry["objects"]
            = m_objects.of(director.scene(beat.end - just_before, look_at(depth), m_ruler), beat.end_record, beat.lead);
        list.push_back(std::move(entry));
        if (!progress(static_cast<double>(list.size()) / static_cast<double>(choreography.beats().size())))
            return std::nullopt;
    }
    return list;
}

Json Recording::question_of(stage::Beat const& beat)
{
    for (auto i = beat.first_record; i < beat.end_record; ++i) {
        if (auto const* asked = m_log[i].event.get_if<trace::PredictionAsked>()) {
            auto choices = Json::array();
            for (auto const& choice : asked->choices)
                choices.push_back(words::tr(choice));
            return { { "id", asked->id }, { "text", words::tr(asked->question) }, { "choices", choices } };
        }
    }
    return {};
}

// What the page shows as the window's card does: view/LessonCards.cpp.
Json Recording::lesson_of(stage::Beat const& beat)
{
    auto const* lesson = m_log[beat.lead].event.get_if<trace::LessonIntroduced>();
    if (lesson == nullptr)
        return {};
    auto parts = Json::array(), picture = Json::array();
    for (auto const& part : lesson->parts)
        parts.push_back({ words::tr(part.name), words::tr(part.says) });
    for (auto const& shape : view::shapes_of(lesson->picture))
        picture.push_back({ number(shape.kind), shape.place.x, shape.place.y, shape.place.width, shape.place.height,
            words::tr(shape.text) });
    return { { "parts", parts }, { "analogy", words::tr(lesson->analogy) }, { "picture", picture } };
}

Json Recording::tracks_of(stage::Beat const& beat, stage::Director& director, trace::Depth depth, int frames)
{
    Tracks tracks;
    auto const look = look_at(depth);
    for (int frame = 0; frame < frames; ++frame) {
        bool const still = frame + 1 == frames;
        auto const story = still ? beat.end - just_before : beat.begin + frame * recording_frame_time;
        std::map<std::string, int> seen;
        std::size_t place = 0;
        for (auto const& primitive : director.scene(story, look, m_ruler).primitives) {
            auto const shape = m_shapes.of(std::visit(Looks(m_measure, primitive.rect), primitive.shape));
            auto key = primitive.id + ' ' + std::to_string(shape);
            key += ' ' + std::to_string(seen[key]++);
            tracks.add(key, shape, frame, values_of(primitive), place);
        }
    }
    auto list = Json::array();
    for (auto const index : tracks.order) {
        auto const& track = tracks.tracks[index];
        auto const& values = track.values;
        bool const stays
            = std::all_of(values.begin(), values.end(), [&](auto const& v) { return v == values.front(); });
        auto const count = static_cast<int>(values.size());
        if (stays) {
            Json thing = Json::array({ track.shape });
            for (int const value : values.front())
                thing.push_back(value);
            auto const number = m_things.of(thing);
            list.push_back(
                count == frames ? Json(number) : Json::array({ number, track.first, track.first + count - 1 }));
            continue;
        }
        Json entry = Json::array({ track.shape, track.first, count });
        for (std::size_t component = 0; component < values.front().size(); ++component) {
            std::vector<int> course;
            for (auto const& frame : values)
                course.push_back(frame[component]);
            bool const constant = std::all_of(course.begin(), course.end(), [&](int v) { return v == course.front(); });
            entry.push_back(constant ? Json(course.front()) : Json(course));
        }
        list.push_back(std::move(entry));
    }
    return list;
}

}
