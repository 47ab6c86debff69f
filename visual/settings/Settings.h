#pragma once

// What a person chose once and wants to find again: $XDG_CONFIG_HOME/drydock/settings.toml (else ~/.config). A value
// that is wrong is reported with its line and left at its default; the program starts all the same.

#include "sim/core/Result.h"
#include "visual/theme/Theme.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::settings {

struct Settings {
    theme::ThemeName theme { theme::ThemeName::Dark };
    double scale { 1 };   // on top of the screen's own: 0.75 to 2.5
    std::string language; // "de"; empty: what the environment asks for
    bool reduced_motion { false };
    std::int64_t depth { 0 }; // with which a lesson begins; 0: its own
    double speed { 1 };       // a power of two from 1/4 to 16
    std::int64_t width { 0 }; // of the window, in device pixels; 0: as the desktop leaves room
    std::int64_t height { 0 };
    bool operator==(Settings const&) const = default;
};

struct Read {
    Settings settings;
    std::vector<std::string> problems; // "line 3: …"
};
Read parse(std::string_view toml);
std::string to_toml(Settings const&);

std::filesystem::path path();
// A file that is not there is no problem. Problems go to standard error, one a line.
Settings load();
// Whole or not at all: written aside, then renamed.
Result<void> save(Settings const&, std::filesystem::path const&);

}
