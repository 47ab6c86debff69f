#pragma once

// Where a person's own files lie, and how they are written. For this module and whoever keeps a file like its own.

#include "sim/core/Result.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace drydock::settings {

// $XDG_CONFIG_HOME/drydock, else ~/.config/drydock; $XDG_DATA_HOME/drydock, else ~/.local/share/drydock. Empty where
// neither is set.
std::filesystem::path config_folder();
std::filesystem::path data_folder();

std::string read_text(std::filesystem::path const&); // empty where there is none
// Whole or not at all: written aside, then renamed.
Result<void> save_text(std::string_view text, std::filesystem::path const&);
// After what is there; `header` comes first in a file that is new.
Result<void> append_text(std::string_view header, std::string_view text, std::filesystem::path const&);

}
