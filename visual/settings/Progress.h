#pragma once

// How far somebody has come in the course: progress.toml beside the settings. It never leaves the machine, and can be
// deleted at any time.

#include "sim/core/Result.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::settings {

struct LessonProgress {
    std::string begun;        // "2026-11-26"
    std::string done;         // likewise; empty: its goals have not been reached yet
    std::int64_t phase { 0 }; // that was seen last
    bool operator==(LessonProgress const&) const = default;
};

struct Progress {
    std::string last;                              // id of the lesson that was open last
    std::map<std::string, LessonProgress> lessons; // those that were begun, by id

    // The parts of a lesson that somebody sees, and its goals that are reached, on that day.
    void see(std::string const& lesson, std::int64_t phase, std::string const& day);
    void reach(std::string const& lesson, std::string const& day);
    bool operator==(Progress const&) const = default;
};

struct ReadProgress {
    Progress progress;
    std::vector<std::string> problems; // "line 3: …"
};
ReadProgress parse_progress(std::string_view toml);
std::string progress_as_toml(Progress const&);

std::filesystem::path progress_path();
// A file that is not there is no problem. Problems go to standard error, one a line.
Progress load_progress();
Result<void> save_progress(Progress const&, std::filesystem::path const&);

}
