#include "engine/unionfs/OverlayOptions.h"

#include "engine/unionfs/DirectoryWritableBranch.h"

#include <algorithm>
#include <array>

namespace drydock::unionfs {

namespace {

// What mount(8) hands to every helper, and what our form of whiteouts implies.
constexpr std::array passed_over { "rw", "dev", "nodev", "suid", "nosuid", "exec", "noexec", "relatime", "noatime",
    "user", "nouser", "users", "auto", "noauto", "defaults", "userxattr", "_netdev", "nofail" };

// At separators that have no backslash before them; the backslashes stay for the next one who splits.
std::vector<std::string> split_unescaped(std::string_view text, char separator)
{
    std::vector<std::string> parts(1);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == separator) {
            parts.emplace_back();
            continue;
        }
        parts.back() += text[i];
        if (text[i] == '\\' && i + 1 < text.size())
            parts.back() += text[++i];
    }
    return parts;
}

std::string without_backslashes(std::string_view text)
{
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size())
            ++i;
        plain += text[i];
    }
    return plain;
}

Result<void> set_once(std::optional<std::filesystem::path>& place, std::string_view name, std::string const& value)
{
    if (place)
        return fail(ErrorKind::InvalidInput, "option \"" + std::string(name) + "\" is given twice");
    if (value.empty())
        return fail(ErrorKind::InvalidInput,
            "option \"" + std::string(name) + "\" needs a directory: " + std::string(name) + "=DIR");
    place = without_backslashes(value);
    return {};
}

Result<void> set_lower(OverlayOptions& options, std::string const& value)
{
    if (!options.lower.empty())
        return fail(ErrorKind::InvalidInput, "option \"lowerdir\" is given twice; put a colon between its directories");
    for (auto const& part : split_unescaped(value, ':')) {
        if (part.empty())
            return fail(ErrorKind::InvalidInput, "option \"lowerdir\" needs directories: lowerdir=TOP:NEXT:BOTTOM");
        options.lower.emplace_back(without_backslashes(part));
    }
    return {};
}

}

Result<OverlayOptions> OverlayOptions::parse(std::string_view text)
{
    OverlayOptions options;
    for (auto const& option : split_unescaped(text, ',')) {
        auto const equals = option.find('=');
        auto const name = option.substr(0, equals);
        auto const value = equals == std::string::npos ? std::string() : option.substr(equals + 1);
        if (name == "lowerdir")
            TRY(set_lower(options, value));
        else if (name == "upperdir")
            TRY(set_once(options.upper, name, value));
        else if (name == "workdir")
            TRY(set_once(options.work, name, value));
        else if (option == "ro")
            options.read_only = true;
        else if (!option.empty() && std::find(passed_over.begin(), passed_over.end(), option) == passed_over.end())
            return fail(ErrorKind::InvalidInput,
                "option \"" + option + "\" is unknown; there are lowerdir, upperdir, workdir and ro");
    }
    if (options.lower.empty())
        return fail(ErrorKind::InvalidInput, "lowerdir is missing: -o lowerdir=TOP:BOTTOM[,upperdir=DIR,workdir=DIR]");
    if (options.upper.has_value() != options.work.has_value())
        return fail(ErrorKind::InvalidInput,
            options.upper ? "upperdir needs a workdir beside it, on the same filesystem"
                          : "workdir is of no use without an upperdir");
    return options;
}

Result<Stack> open_stack(OverlayOptions const& options)
{
    Stack stack;
    for (auto const& directory : options.lower)
        stack.layers.push_back(TRY_WITH("lowerdir", DirectoryBranch::open(directory)));
    if (!options.upper)
        return stack;
    if (options.read_only)
        stack.layers.insert(stack.layers.begin(), TRY_WITH("upperdir", DirectoryBranch::open(*options.upper)));
    else
        stack.writable = TRY_WITH("upperdir", DirectoryWritableBranch::open(*options.upper, *options.work));
    return stack;
}

}
