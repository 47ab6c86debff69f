#include "visual/export/FilmTime.h"

#include <algorithm>

namespace drydock::exporting {

namespace {

// Letters that are to be read where the beat holds, besides its caption.
std::size_t letters_of(stage::Beat const& beat, trace::EventLog const& log)
{
    std::size_t letters = 0;
    for (auto i = beat.first_record; i < beat.end_record; ++i) {
        if (auto const* asked = log[i].event.get_if<trace::PredictionAsked>())
            letters += asked->question.size();
        if (auto const* lesson = log[i].event.get_if<trace::LessonIntroduced>()) {
            letters += lesson->analogy.size();
            for (auto const& part : lesson->parts)
                letters += part.name.size() + part.says.size();
        }
    }
    return letters;
}

// Fifteen letters a second are what subtitles are held to. Nobody waits for the longest card: a film can be stopped.
double rest_after(stage::Beat const& beat, trace::EventLog const& log)
{
    constexpr double letters_per_second = 15, least = 1.5, most = 12;
    return std::clamp(static_cast<double>(letters_of(beat, log)) / letters_per_second, least, most);
}

}

std::vector<stage::Beat> beats_of_film(std::span<stage::Beat const> beats, trace::EventLog const& log)
{
    std::vector<stage::Beat> film(beats.begin(), beats.end());
    double later = 0;
    for (auto& beat : film) {
        beat.begin += later;
        if (beat.holds)
            later += rest_after(beat, log);
        beat.end += later;
    }
    return film;
}

}
