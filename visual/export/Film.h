#pragma once

// A film: frames are handed to ffmpeg as they are drawn, raw, through a socket that is its standard input. The file
// name's ending decides the format: .mp4, .gif or .webm. ffmpeg is optional; without it starting a film says so.

#include "sim/core/Result.h"
#include "visual/canvas/Surface.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace drydock::exporting {

struct FilmSettings {
    std::filesystem::path path;
    int width { 1280 };
    int height { 720 };
    int frames_per_second { 30 };
    std::string encoder { "ffmpeg" };
    std::filesystem::path subtitles {}; // an .srt file that becomes a track of the film; empty: none
};

class Film {
public:
    static Result<Film> start(FilmSettings const&);
    Film(Film&&) noexcept;
    Film& operator=(Film&&) noexcept;
    // A film that was not finished leaves no file behind.
    ~Film();

    // Every frame has the film's size.
    Result<void> add(canvas::Surface const&);
    Result<void> finish();

private:
    struct Encoder;
    explicit Film(std::unique_ptr<Encoder>);
    std::unique_ptr<Encoder> m_encoder;
};

// What ffmpeg is called with; InvalidInput where the ending is none of ours.
Result<std::vector<std::string>> encoder_arguments(FilmSettings const&);

}
