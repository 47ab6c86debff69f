#include "visual/app/SourceLines.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace fs = std::filesystem;

namespace drydock::app {

namespace {

constexpr std::uint32_t lines_before = 6, lines_after = 6;

// The nearest folder above the program that holds Drydock's source; empty where it was installed without.
fs::path checkout()
{
    std::error_code ignored;
    auto folder = fs::read_symlink("/proc/self/exe", ignored).parent_path();
    while (folder.has_relative_path()) {
        if (fs::exists(folder / "sim/trace/Event.h", ignored))
            return folder;
        folder = folder.parent_path();
    }
    return {};
}

bool is_source_of_ours(fs::path const& file)
{
    auto const first = file.empty() ? std::string() : file.begin()->string();
    bool const inside = first == "sim" || first == "engine" || first == "visual";
    bool const climbs = std::any_of(file.begin(), file.end(), [](auto const& part) { return part == ".."; });
    return inside && !climbs && (file.extension() == ".cpp" || file.extension() == ".h");
}

}

view::SourceExcerpt source_lines(std::string const& file, std::uint32_t line)
{
    view::SourceExcerpt excerpt { .file = file, .line = line, .lines = {} };
    auto const root = checkout();
    if (root.empty() || line == 0 || !is_source_of_ours(file))
        return excerpt;
    excerpt.first = line > lines_before ? line - lines_before : 1;
    std::ifstream source(root / file);
    std::string text;
    for (std::uint32_t number = 1; number <= line + lines_after && std::getline(source, text); ++number) {
        if (number >= excerpt.first)
            excerpt.lines.push_back(text);
    }
    return excerpt;
}

}
