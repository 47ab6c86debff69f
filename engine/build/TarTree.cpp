#include "engine/build/TarTree.h"

#include "engine/layer/Limits.h"
#include "engine/layer/MemberName.h"
#include "engine/layer/TarReader.h"
#include "engine/unionfs/LayerBranch.h"

namespace drydock::build {

namespace {

constexpr std::size_t tar_block = 512;

// It is no layer of an image, and nobody asks for its name.
oci::DiffId unnamed()
{
    return { oci::Digest::of("") };
}

}

bool looks_like_tar(std::string_view beginning)
{
    if (beginning.size() < tar_block || beginning.substr(257, 5) != "ustar")
        return false;
    layer::TarReader reader;
    return reader.write(beginning.substr(0, tar_block)).has_value();
}

TarTree::~TarTree()
{
    m_files.reset();
    (void)m_storage.remove(m_key); // what cannot be removed now is swept at the next start
}

Result<void> TarTree::stand_on(layer::Layer layer)
{
    m_layer = std::make_shared<layer::Layer>(std::move(layer));
    unionfs::Stack stack { .writable = nullptr, .layers = {}, .diff_ids = { unnamed() } };
    stack.layers.push_back(TRY(unionfs::LayerBranch::create(m_layer)));
    m_files = std::make_unique<unionfs::UnionMount>(std::move(stack), ContainerId {}, trace::Publisher());
    return {};
}

Result<void> TarTree::forget(std::set<std::string> const& paths)
{
    auto rest = *m_layer;
    std::erase_if(rest.entries, [&](layer::Entry const& entry) { return paths.contains(entry.path); });
    return stand_on(std::move(rest));
}

struct TarTreeWriter::Impl {
    Impl(content::Storage& where, std::string its_key)
        : storage(where)
        , key(std::move(its_key))
    {
    }
    ~Impl()
    {
        if (file != nullptr) {
            file.reset();
            (void)storage.remove(key);
        }
    }

    Result<void> begin(std::string_view first_bytes)
    {
        decompressor = layer::make_decompressor_for(first_bytes);
        file = TRY(storage.append(key));
        return {};
    }
    Result<void> take(std::string_view compressed)
    {
        return decompressor->write(compressed, [this](std::string_view piece) { return keep(piece); });
    }
    Result<void> keep(std::string_view piece)
    {
        if (layer::limits::is_bomb(unpacked + piece.size(), received))
            return fail(ErrorKind::LimitExceeded,
                "the archive unpacks to more than " + std::to_string(unpacked) + " bytes from "
                    + std::to_string(received));
        unpacked += piece.size();
        TRY(reader.write(piece));
        return file->append(piece);
    }
    Result<std::vector<layer::Entry>> entries()
    {
        auto const arrived = unpacked;
        static constexpr char zeros[tar_block] {};
        if (auto const rest = arrived % tar_block; rest != 0)
            TRY(reader.write({ zeros, tar_block - rest }));
        auto all = TRY(reader.finish());
        if (!all.empty() && all.back().offset + all.back().size > arrived)
            return fail(
                ErrorKind::Corrupt, "the archive ends in the middle of \"" + layer::printable(all.back().path) + "\"");
        for (auto const& entry : all) {
            auto const name = entry.path.substr(entry.path.rfind('/') + 1);
            if (name.starts_with(layer::whiteout_prefix))
                return fail(ErrorKind::InvalidInput,
                    "\"" + layer::printable(entry.path)
                        + "\": names that begin with .wh. stand for deletions in a layer and cannot be copied");
        }
        return all;
    }

    content::Storage& storage;
    std::string key;
    std::string beginning; // until there is enough to tell the compression
    std::unique_ptr<layer::Decompressor> decompressor;
    std::unique_ptr<content::AppendableFile> file;
    layer::TarReader reader;
    std::uint64_t received { 0 };
    std::uint64_t unpacked { 0 };
};

TarTreeWriter::TarTreeWriter(content::Storage& storage, std::string key)
    : m_impl(std::make_unique<Impl>(storage, std::move(key)))
{
}

TarTreeWriter::~TarTreeWriter() = default;

std::uint64_t TarTreeWriter::received() const
{
    return m_impl->received;
}

Result<void> TarTreeWriter::write(std::string_view bytes)
{
    auto& impl = *m_impl;
    impl.received += bytes.size();
    if (impl.decompressor != nullptr)
        return impl.take(bytes);
    impl.beginning += bytes;
    if (impl.beginning.size() < tar_block)
        return {};
    TRY(impl.begin(impl.beginning));
    return impl.take(std::exchange(impl.beginning, {}));
}

Result<std::unique_ptr<TarTree>> TarTreeWriter::finish()
{
    auto& impl = *m_impl;
    if (impl.decompressor == nullptr) {
        TRY(impl.begin(impl.beginning));
        TRY(impl.take(impl.beginning));
    }
    TRY(impl.decompressor->finish());
    auto entries = TRY(impl.entries());
    impl.file.reset();
    std::unique_ptr<TarTree> tree(new TarTree(impl.storage, impl.key));
    tree->m_entries = entries.size();
    auto tar = TRY(impl.storage.open(impl.key));
    TRY(tree->stand_on({ unnamed(), impl.unpacked, std::move(entries), std::shared_ptr(std::move(tar)) }));
    return tree;
}

}
