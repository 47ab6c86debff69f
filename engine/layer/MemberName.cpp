#include "engine/layer/MemberName.h"

#include "engine/layer/Limits.h"

#include <cstdio>

namespace drydock::layer {

namespace {

tl::unexpected<Error> refused(std::string_view name, std::string_view why)
{
    return fail(ErrorKind::InvalidInput, "layer member \"" + printable(name) + "\": " + std::string(why));
}

Result<void> check_whiteout_names(std::string_view path, bool is_link_target)
{
    for (std::size_t start = 0; start <= path.size();) {
        auto const end = std::min(path.find('/', start), path.size());
        auto const component = path.substr(start, end - start);
        start = end + 1;
        if (!component.starts_with(whiteout_prefix))
            continue;
        if (start <= path.size())
            return refused(path, "a whiteout has nothing below it");
        if (is_link_target)
            return refused(path, "a hard link to a whiteout");
        auto const hidden = component.substr(whiteout_prefix.size());
        auto const means_something = component == opaque_marker
            || (!hidden.empty() && hidden != "." && hidden != ".." && !hidden.starts_with(whiteout_prefix));
        if (!means_something)
            return refused(path, "the whiteout names nothing");
    }
    return {};
}

}

std::string printable(std::string_view name)
{
    constexpr std::size_t shown = 120;
    std::string text;
    for (auto const c : name.substr(0, shown)) {
        auto const byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\') {
            text += c;
            continue;
        }
        char escaped[8];
        std::snprintf(escaped, sizeof escaped, "\\x%02x", byte);
        text += escaped;
    }
    return name.size() > shown ? text + "…" : text;
}

Result<std::string> clean_path(std::string_view name)
{
    if (name.find('\0') != std::string_view::npos)
        return refused(name, "the name holds a NUL byte");
    if (name.size() > limits::path_bytes)
        return refused(name, "the name is longer than " + std::to_string(limits::path_bytes) + " bytes");
    std::string path;
    std::size_t depth = 0;
    for (std::size_t start = 0; start < name.size();) {
        auto const end = std::min(name.find('/', start), name.size());
        auto const component = name.substr(start, end - start);
        start = end + 1;
        if (component.empty() || component == ".")
            continue;
        if (component == "..")
            return refused(name, "\"..\" is refused");
        if (component.size() > limits::name_bytes)
            return refused(name, "a part is longer than " + std::to_string(limits::name_bytes) + " bytes");
        if (++depth > limits::path_depth)
            return refused(name, "deeper than " + std::to_string(limits::path_depth) + " directories");
        if (!path.empty())
            path += '/';
        path += component;
    }
    return path;
}

Result<void> check_member(Entry const& entry)
{
    if (entry.path.empty() && entry.type != FileType::Directory)
        return refused("/", "the root must be a directory"); // CVE-2021-29136
    TRY(check_whiteout_names(entry.path, false));
    if (entry.type == FileType::HardLink) {
        if (entry.link.empty() || entry.link == entry.path)
            return refused(entry.path, "a hard link to nothing or to itself");
        TRY(check_whiteout_names(entry.link, true));
    }
    if (entry.type == FileType::Symlink && (entry.link.empty() || entry.link.size() > limits::path_bytes))
        return refused(entry.path, "a symbolic link without a target, or with one that is too long");
    // overlayfs would take it for a whiteout: one that no layer tar may contain.
    if (entry.type == FileType::CharDevice && entry.device_major == 0 && entry.device_minor == 0)
        return refused(entry.path, "the character device 0:0 is overlayfs' whiteout");
    return {};
}

}
