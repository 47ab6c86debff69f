#include "visual/export/Subtitles.h"

#include <fmt/format.h>

#include <cmath>

namespace drydock::exporting {

namespace {

// "00:01:02,345"
std::string time_code(double seconds)
{
    auto const ms = static_cast<std::int64_t>(std::llround(seconds * 1000));
    return fmt::format("{:02}:{:02}:{:02},{:03}", ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60, ms % 1000);
}

// Players take "<i>" for markup, and an empty line for the end of a subtitle.
std::string harmless(std::string_view caption)
{
    std::string text;
    for (char const c : caption)
        text += c == '<' ? std::string("‹") : c == '>' ? std::string("›") : std::string(1, c == '\n' ? ' ' : c);
    return text;
}

}

std::string subtitles_of(std::span<stage::Beat const> beats)
{
    std::string text;
    std::size_t number = 0;
    for (auto const& beat : beats) {
        if (!beat.caption.empty())
            text += fmt::format(
                "{}\n{} --> {}\n{}\n\n", ++number, time_code(beat.begin), time_code(beat.end), harmless(beat.caption));
    }
    return text;
}

}
