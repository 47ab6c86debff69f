#pragma once

// Layers and stacks for tests, built by hand in a line each.

#include "engine/unionfs/LayerBranch.h"
#include "engine/unionfs/MemoryWritableBranch.h"
#include "engine/unionfs/UnionMount.h"
#include "sim/time/LiveScheduler.h"
#include "tests/support/Catch.h"

#include <algorithm>

namespace drydock::tests {

// The "tar" of a hand-made layer: contents one after the other.
class Contents final : public content::ReadableFile {
public:
    std::string bytes;
    std::uint64_t size() const override { return bytes.size(); }
    Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) const override
    {
        return offset >= bytes.size() ? std::size_t { 0 } : bytes.copy(buffer.data(), buffer.size(), offset);
    }
};

// Content that cannot be read to its end.
class Broken final : public content::ReadableFile {
public:
    std::uint64_t size() const override { return 100; }
    Result<std::size_t> read_at(std::uint64_t, std::span<char>) const override
    {
        return fail(Error::from_errno("pread(2)", EIO));
    }
};

class LayerBuilder {
public:
    LayerBuilder& entry(layer::Entry entry, std::string const& content = {})
    {
        entry.size = content.size();
        entry.offset = m_contents->bytes.size();
        entry.mtime = entry.mtime != 0 ? entry.mtime : 1'000'000'000'000'000'000; // 2001
        m_contents->bytes += content;
        m_entries.push_back(std::move(entry));
        return *this;
    }
    LayerBuilder& file(std::string path, std::string const& content, std::uint32_t mode = 0644)
    {
        return entry({ .path = std::move(path), .mode = mode }, content);
    }
    LayerBuilder& directory(std::string path, std::uint32_t mode = 0755)
    {
        return entry({ .path = std::move(path), .type = layer::FileType::Directory, .mode = mode });
    }
    LayerBuilder& symlink(std::string path, std::string target)
    {
        layer::Entry link { .path = std::move(path), .type = layer::FileType::Symlink, .mode = 0777 };
        link.link = std::move(target);
        return entry(std::move(link));
    }
    LayerBuilder& hard_link(std::string path, std::string target)
    {
        layer::Entry link { .path = std::move(path), .type = layer::FileType::HardLink };
        link.link = std::move(target);
        return entry(std::move(link));
    }
    LayerBuilder& whiteout(std::string path) // of "etc/motd", not of "etc/.wh.motd"
    {
        auto const slash = path.rfind('/') + 1; // npos + 1 is 0
        return file(path.insert(slash, ".wh."), {});
    }
    LayerBuilder& opaque(std::string const& path)
    {
        return file(path.empty() ? opaque_name : path + "/" + opaque_name, {});
    }

    std::shared_ptr<layer::Layer const> build() const
    {
        std::string text = m_contents->bytes;
        for (auto const& entry : m_entries)
            text += entry.path + entry.link + std::to_string(entry.mode) + std::to_string(static_cast<int>(entry.type));
        auto const id = oci::Digest::of(text);
        return std::make_shared<layer::Layer>(layer::Layer { { id }, m_contents->bytes.size(), m_entries, m_contents });
    }

private:
    static constexpr char const* opaque_name = ".wh..wh..opq";
    std::shared_ptr<Contents> m_contents { std::make_shared<Contents>() };
    std::vector<layer::Entry> m_entries;
};

// Layers topmost first.
inline unionfs::Stack stack_of(
    std::vector<LayerBuilder> const& layers, std::shared_ptr<unionfs::WritableBranch> writable)
{
    unionfs::Stack stack { std::move(writable), {}, {} };
    for (auto const& builder : layers) {
        auto const layer = builder.build();
        stack.layers.push_back(REQUIRE_OK(unionfs::LayerBranch::create(layer)));
        stack.diff_ids.push_back(layer->diff_id);
    }
    return stack;
}

}
