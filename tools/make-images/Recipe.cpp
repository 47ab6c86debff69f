#include "tools/make-images/Recipe.h"

#include <algorithm>

namespace drydock::tools {

void LayerFiles::add(layer::Entry entry, std::string content)
{
    entry.mtime = made_at * 1'000'000'000;
    entry.size = content.size();
    m_members.push_back({ std::move(entry), std::move(content) });
}

LayerFiles& LayerFiles::directory(std::string path, std::uint32_t mode)
{
    layer::Entry entry;
    entry.path = std::move(path);
    entry.type = layer::FileType::Directory;
    entry.mode = mode;
    add(std::move(entry), {});
    return *this;
}

LayerFiles& LayerFiles::file(std::string path, std::string content, std::uint32_t mode)
{
    layer::Entry entry;
    entry.path = std::move(path);
    entry.mode = mode;
    add(std::move(entry), std::move(content));
    return *this;
}

LayerFiles& LayerFiles::symlink(std::string path, std::string target)
{
    layer::Entry entry;
    entry.path = std::move(path);
    entry.type = layer::FileType::Symlink;
    entry.mode = 0777;
    entry.link = std::move(target);
    add(std::move(entry), {});
    return *this;
}

LayerFiles& LayerFiles::remove(std::string const& path)
{
    auto const name = path.rfind('/') + 1; // npos + 1 is 0
    return file(path.substr(0, name) + ".wh." + path.substr(name), {}, 0);
}

std::string LayerFiles::tar() const
{
    std::vector<Member const*> sorted;
    for (auto const& member : m_members)
        sorted.push_back(&member);
    std::sort(sorted.begin(), sorted.end(), [](auto const* a, auto const* b) { return a->entry.path < b->entry.path; });
    layer::MemoryTar writer;
    for (auto const* member : sorted)
        writer.add(member->entry, member->content);
    return writer.finish();
}

}
