#include "visual/export/Export.h"

#include "visual/export/Film.h"
#include "visual/export/FilmTime.h"
#include "visual/export/Page.h"
#include "visual/export/Pictures.h"
#include "visual/export/Subtitles.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace fs = std::filesystem;

namespace drydock::exporting {

namespace {

Error stopped()
{
    return Error(ErrorKind::Cancelled, "stopped");
}

Result<void> export_picture(Camera& camera, ExportSettings const& settings)
{
    auto const& beats = camera.beats();
    if (settings.at.beat && *settings.at.beat > beats.size())
        return fail(ErrorKind::InvalidInput,
            fmt::format("there is no beat {}; at this depth the story has {}", *settings.at.beat, beats.size()));
    if (settings.at.story)
        return write_png(settings.to, camera.at(*settings.at.story));
    return write_png(settings.to, camera.still(beats[settings.at.beat.value_or(beats.size()) - 1]));
}

// Frames while something moves; a still is drawn once and handed over as often as it is shown.
Result<void> film_frames(
    Film& film, Camera& camera, std::span<stage::Beat const> times, int frames_per_second, Progress const& progress)
{
    auto const frames = times.empty() ? 0 : static_cast<int>(std::ceil(times.back().end * frames_per_second));
    std::size_t beat = 0;
    canvas::Surface last;
    bool is_still = false; // `last` is the still of `beat`
    for (int frame = 0; frame < frames; ++frame) {
        auto const time = static_cast<double>(frame) / frames_per_second;
        while (beat + 1 < times.size() && times[beat].end <= time) {
            ++beat;
            is_still = false;
        }
        auto const& now = camera.beats()[beat];
        auto const since = time - times[beat].begin;
        bool const moves = since < now.motion + stage::pulse_time;
        if (moves || !is_still)
            last = moves ? camera.at(now.begin + since) : camera.still(now);
        is_still = !moves;
        TRY(film.add(last));
        if (!progress(static_cast<double>(frame + 1) / frames))
            return fail(stopped());
    }
    return {};
}

Result<void> export_film(
    trace::EventLog const& log, Camera& camera, ExportSettings const& settings, Progress const& progress)
{
    auto const times = beats_of_film(camera.beats(), log);
    FilmSettings film_settings { .path = settings.to,
        .width = camera.width(),
        .height = camera.height(),
        .frames_per_second = settings.frames_per_second };
    if (settings.to.extension() != ".gif") {
        film_settings.subtitles = fs::path(settings.to).replace_extension(".srt");
        TRY(write_text(film_settings.subtitles, subtitles_of(times)));
    }
    auto film = TRY(Film::start(film_settings));
    TRY(film_frames(film, camera, times, settings.frames_per_second, progress));
    return film.finish();
}

Result<void> export_page(trace::EventLog const& log, ExportSettings const& settings, Progress const& progress)
{
    auto const page = page_of(
        log, { .title = settings.title, .depth = settings.camera.depth, .theme = settings.camera.theme }, progress);
    if (!page)
        return fail(stopped());
    return write_text(settings.to, *page);
}

}

Result<Moment> parse_moment(std::string_view text)
{
    auto const is_beat = text.starts_with("beat ");
    auto const digits = std::string(is_beat ? text.substr(5) : text);
    char* end = nullptr;
    auto const number = std::strtod(digits.c_str(), &end);
    bool const whole = number == std::floor(number);
    if (digits.empty() || *end != '\0' || !(number >= 0) || number > 1e9 || (is_beat && (!whole || number < 1)))
        return fail(ErrorKind::InvalidInput,
            fmt::format("\"{}\" is no moment: seconds of the story (12.5), or a beat (\"beat 7\")", text));
    if (is_beat)
        return Moment { .beat = static_cast<std::size_t>(number) };
    return Moment { .story = number };
}

Result<void> export_trace(trace::EventLog const& log, ExportSettings const& settings, Progress const& progress)
{
    if (log.size() == 0)
        return fail(ErrorKind::InvalidInput, "nothing has happened yet, so there is nothing to export");
    auto const ending = settings.to.extension();
    if (ending == ".html")
        return export_page(log, settings, progress);
    Camera camera(log, settings.camera);
    if (ending == ".png")
        return export_picture(camera, settings);
    if (ending == ".gif" || ending == ".mp4" || ending == ".webm")
        return export_film(log, camera, settings, progress);
    if (!ending.empty())
        return fail(ErrorKind::InvalidInput,
            fmt::format("\"{}\" ends in none of .png, .gif, .mp4, .webm, .html; a storyboard's directory has no ending",
                settings.to.string()));
    return write_storyboard(log, camera, settings.title, settings.each, settings.to, progress);
}

}
