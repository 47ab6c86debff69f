#pragma once

// The languages that are installed, and which one is on. Files are read here; sim/words only knows texts.

#include "sim/words/Catalogue.h"
#include "visual/view/Model.h"

#include <filesystem>

namespace drydock::app {

// English first, then the files of the installation's folder `languages`, by code.
std::vector<view::LanguageEntry> installed_languages();

// Switches to the language of that code, with the texts of all shipped scenarios. NotFound lists what is there. What is
// wrong in a file goes to standard error and is left out.
Result<void> speak(std::string_view code);
// Adds what stands beside a scenario of one's own: DIR/de/NAME.toml for DIR/NAME.toml, in the language that is on.
void speak_also_of(std::filesystem::path const& scenario);

// What the environment asks for (LANGUAGE, LC_ALL, LC_MESSAGES, LANG, as gettext reads them); "en" where that is not
// installed.
std::string language_of_environment();

struct LanguageFile {
    std::filesystem::path path;
    words::Catalogue::Parsed read;
};
// The language files beside that scenario, sorted.
std::vector<LanguageFile> language_files_of(std::filesystem::path const& scenario);

}
