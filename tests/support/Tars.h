#pragma once

// Entries and tars for tests, in one line each.

#include "engine/layer/TarWriter.h"

#include <string>
#include <utility>
#include <vector>

namespace drydock::tests {

inline layer::Entry file(std::string path, std::string_view content, std::uint32_t mode = 0644)
{
    layer::Entry entry;
    entry.path = std::move(path);
    entry.mode = mode;
    entry.size = content.size();
    return entry;
}

inline layer::Entry directory(std::string path, std::uint32_t mode = 0755)
{
    layer::Entry entry;
    entry.path = std::move(path);
    entry.type = layer::FileType::Directory;
    entry.mode = mode;
    return entry;
}

inline layer::Entry link(std::string path, layer::FileType type, std::string target)
{
    layer::Entry entry;
    entry.path = std::move(path);
    entry.type = type;
    entry.mode = 0777;
    entry.link = std::move(target);
    return entry;
}

// A tar of regular files, "path" → content.
inline std::string tar_of(std::vector<std::pair<std::string, std::string>> const& files)
{
    layer::MemoryTar writer;
    for (auto const& [path, content] : files)
        writer.add(file(path, content), content);
    return writer.finish();
}

}
