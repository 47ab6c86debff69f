#include "visual/app/PresenterNotes.h"

#include "sim/words/Language.h"
#include "sim/words/Words.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace drydock::app {

namespace {

void tell_question(nlohmann::ordered_json& line, world::Prediction const& asked, trace::EventLog const& log)
{
    line["question"] = words::tr(asked.question);
    for (std::uint64_t i = 0; i < log.size(); ++i) {
        auto const* resolved = log[i].event.get_if<trace::PredictionResolved>();
        if (resolved != nullptr && resolved->id == asked.id)
            line["answer"]
                = words::as_sentence(words::tr(resolved->answer)) + " " + std::string(words::tr(resolved->why));
    }
}

void tell_scenario(nlohmann::ordered_json& line, world::Scenario const& shown, Presented const& presented)
{
    line["title"] = words::tr(shown.title);
    line["phase"] = shown.phase + 1;
    line["name"] = words::tr(shown.phase_name);
    line["say"] = words::tr(shown.say);
    auto const* scenario = presented.scenario;
    if (scenario != nullptr && shown.phase >= 0 && shown.phase < static_cast<std::int64_t>(scenario->phases.size())) {
        line["phases"] = scenario->phases.size();
        line["notes"] = words::tr(scenario->phases[static_cast<std::size_t>(shown.phase)].notes);
    }
    if (!shown.predictions.empty())
        tell_question(line, shown.predictions.back(), presented.player.log());
}

}

std::string notes_line(Presented const& presented, std::chrono::seconds clock)
{
    using Json = nlohmann::ordered_json;
    auto const& player = presented.player;
    Json line { { "title", presented.title }, { "clock", clock.count() }, { "black", presented.blackout } };
    if (auto const* beat = player.is_open() ? player.beat() : nullptr) {
        auto const& beats = player.choreography().beats();
        auto const index = player.beat_index();
        line["caption"] = beat->caption;
        line["next"] = index + 1 < beats.size() ? beats[index + 1].caption : std::string();
        line["beat"] = index + 1;
        line["beats"] = beats.size();
        if (auto const& shown = player.world().scenario)
            tell_scenario(line, *shown, presented);
    }
    return line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<PresenterNotes> PresenterNotes::open()
{
    auto const folder = TRY(notes_folder());
    return PresenterNotes(TRY(NotesSocket::open(notes_socket_of(folder, ::getpid()))));
}

void PresenterNotes::serve(Presented const& presented)
{
    auto const now = Clock::now();
    if (m_line.empty() || now - m_composed > std::chrono::seconds(1)) {
        m_line = notes_line(presented, std::chrono::duration_cast<std::chrono::seconds>(now - m_opened));
        m_composed = now;
    }
    m_socket->serve(m_line);
}

}
