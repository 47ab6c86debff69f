#include "visual/app/Languages.h"

#include "sim/words/Language.h"
#include "visual/app/Commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace fs = std::filesystem;

namespace drydock::app {

namespace {

words::Catalogue::Parsed read_catalogue(fs::path const& path)
{
    std::ifstream file(path);
    std::stringstream content;
    content << file.rdbuf();
    return words::Catalogue::parse(content.str());
}

words::Catalogue read_and_complain(fs::path const& path)
{
    auto parsed = read_catalogue(path);
    for (auto const& problem : parsed.problems)
        fmt::print(stderr, "{}:{}: {}\n", path.string(), problem.line, problem.message);
    return std::move(parsed.catalogue);
}

// "de" of "de_DE.UTF-8"; "en" of "C".
std::string code_of_locale(std::string_view locale)
{
    auto const code = locale.substr(0, locale.find_first_of("_.@:"));
    return code.empty() || code == "C" || code == "POSIX" ? "en" : std::string(code);
}

std::string_view from_environment(char const* name)
{
    auto const* value = std::getenv(name);
    return value == nullptr ? std::string_view() : std::string_view(value);
}

// The catalogue that is on, to be added to.
words::Catalogue& spoken()
{
    static words::Catalogue catalogue;
    return catalogue;
}

}

std::vector<view::LanguageEntry> installed_languages()
{
    std::vector<view::LanguageEntry> list { { .code = "en", .name = "English" } };
    for (auto const& file : toml_files_in(Installation::find().languages))
        list.push_back({ .code = file.stem().string(), .name = std::string(read_catalogue(file).catalogue.name()) });
    return list;
}

Result<void> speak(std::string_view code)
{
    if (code == "en") {
        spoken() = {};
        words::use(nullptr);
        return {};
    }
    auto const installation = Installation::find();
    auto const file = installation.languages / (std::string(code) + ".toml");
    if (code.find('/') != std::string_view::npos || !fs::is_regular_file(file)) {
        std::string known;
        for (auto const& language : installed_languages())
            known += (known.empty() ? "" : ", ") + language.code;
        return fail(
            ErrorKind::NotFound, fmt::format("no language \"{}\" is installed. Installed are: {}", code, known));
    }
    spoken() = read_and_complain(file);
    for (auto const& folder :
        { installation.scenarios, installation.scenarios / "tasks", installation.scenarios / "course" }) {
        for (auto const& texts : toml_files_in(folder / std::string(code)))
            spoken().add(read_and_complain(texts));
    }
    words::use(std::make_shared<words::Catalogue const>(spoken()));
    return {};
}

void speak_also_of(fs::path const& scenario)
{
    auto const file = folder_of(scenario) / std::string(words::language()) / scenario.filename();
    if (words::language() == "en" || !fs::is_regular_file(file))
        return;
    spoken().add(read_and_complain(file));
    words::use(std::make_shared<words::Catalogue const>(spoken()));
}

std::string language_of_environment()
{
    std::string wanted = "en";
    for (auto const* name : { "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG" }) {
        if (auto const value = from_environment(name); !value.empty()) {
            wanted = code_of_locale(value);
            break;
        }
    }
    auto const languages = installed_languages();
    bool const there = std::any_of(languages.begin(), languages.end(), [&](auto const& l) { return l.code == wanted; });
    return there ? wanted : "en";
}

std::vector<LanguageFile> language_files_of(fs::path const& scenario)
{
    std::vector<LanguageFile> files;
    for (auto const& language : installed_languages()) {
        auto const path = folder_of(scenario) / language.code / scenario.filename();
        if (fs::is_regular_file(path))
            files.push_back({ path, read_catalogue(path) });
    }
    return files;
}

}
