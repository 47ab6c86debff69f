#include "engine/lab/Disk.h"

#include "engine/client/LocalDirectory.h"
#include "engine/layer/LayerStore.h"
#include "engine/unionfs/Archive.h"
#include "engine/unionfs/DirectoryWritableBranch.h"
#include "engine/unionfs/LayerBranch.h"
#include "engine/unionfs/MemoryWritableBranch.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

namespace fs = std::filesystem;

namespace drydock::lab {

namespace {

constexpr std::size_t most_document = 4 << 20; // bytes
constexpr std::string_view userland = "library/busybox:latest";

std::string blob_key_of(oci::Digest const& digest)
{
    return fmt::format("blobs/{}/{}", digest.algorithm_name(), digest.hex());
}

Result<oci::Manifest> userland_manifest(content::Storage const& layout)
{
    auto const text = TRY(layout.read("index.json", most_document));
    auto const index = TRY(oci::ImageIndex::parse(text, oci::media_type::oci_index));
    for (auto const& entry : index.manifests) {
        auto const name = entry.descriptor.annotations.find("org.opencontainers.image.ref.name");
        if (name == entry.descriptor.annotations.end() || name->second != userland)
            continue;
        auto const document = TRY(layout.read(blob_key_of(entry.descriptor.digest), most_document));
        return oci::Manifest::parse(document, entry.descriptor.media_type);
    }
    return fail(ErrorKind::NotFound, fmt::format("the images have no {}", userland));
}

// The one layer of busybox, from the layout as it lies there.
Result<std::shared_ptr<layer::Layer const>> userland_layer(fs::path const& images, content::Storage& storage)
{
    auto const layout = content::open_read_only(images);
    auto const manifest = TRY(userland_manifest(*layout));
    auto const document = TRY(layout->read(blob_key_of(manifest.config.digest), most_document));
    auto const config = TRY(oci::ImageConfig::parse(document));
    if (manifest.layers.size() != 1 || config.diff_ids.size() != 1)
        return fail(ErrorKind::Corrupt, fmt::format("{} is not one layer", userland));
    auto const& descriptor = manifest.layers.front();
    layer::LayerStore layers(storage, trace::Publisher());
    auto const compression = TRY(oci::layer_compression(descriptor.media_type));
    auto const writer = TRY(layers.begin(compression, config.diff_ids.front()));
    auto const blob = TRY(layout->open(blob_key_of(descriptor.digest)));
    std::string buffer(256 * 1024, '\0');
    std::uint64_t offset = 0;
    while (auto const count = TRY(blob->read_at(offset, buffer))) {
        TRY(writer->write(std::string_view(buffer).substr(0, count)));
        offset += count;
    }
    return writer->finish(descriptor.digest);
}

// Of the lab's own files: no whole tree is replaced, so what was there goes first.
Result<void> put_file(unionfs::UnionMount& tree, std::string const& path, std::string_view content, std::uint32_t mode)
{
    if (tree.stat(path))
        TRY(tree.unlink(path));
    TRY(tree.create(path, mode, { 0, 0, 0 }));
    return tree.write(path, 0, content);
}

// ---- What the scenario brings ----

class Delivery {
public:
    Delivery(unionfs::UnionMount& tree, client::LocalDirectory const& from)
        : m_tree(tree)
        , m_from(from)
    {
    }

    Result<void> bring(std::string const& folder)
    {
        for (auto const& entry : TRY(m_from.list(folder))) {
            auto const path = folder.empty() ? entry.name : folder + "/" + entry.name;
            if (++m_files > most_disk_files)
                return fail(ErrorKind::LimitExceeded, fmt::format("more than {} files", most_disk_files));
            switch (entry.type) {
            case client::LocalEntry::Type::Directory:
                if (!m_tree.stat("/" + path))
                    TRY(m_tree.make_directory("/" + path, 0755, { 0, 0, 0 }));
                TRY(bring(path));
                break;
            case client::LocalEntry::Type::File: TRY(bring_file(path, entry)); break;
            case client::LocalEntry::Type::Symlink:
            case client::LocalEntry::Type::Other:
                return fail(ErrorKind::InvalidInput, path + " is neither a file nor a directory");
            }
        }
        return {};
    }

private:
    Result<void> bring_file(std::string const& path, client::LocalEntry const& entry)
    {
        m_bytes += entry.size;
        if (m_bytes > most_disk_bytes)
            return fail(ErrorKind::LimitExceeded, fmt::format("more than {} bytes", most_disk_bytes));
        auto const file = TRY(m_from.open(path));
        std::string content(entry.size, '\0');
        std::size_t count = 0;
        while (count < content.size()) {
            auto const piece = TRY(file->read_some(std::span(content).subspan(count)));
            if (piece == 0)
                break;
            count += piece;
        }
        content.resize(count);
        return put_file(m_tree, "/" + path, content, (entry.mode & 0111) != 0 ? 0755 : 0644);
    }

    unionfs::UnionMount& m_tree;
    client::LocalDirectory const& m_from;
    std::size_t m_files { 0 };
    std::uint64_t m_bytes { 0 };
};

Result<void> furnish(unionfs::UnionMount& tree, DiskContent const& content)
{
    // A system of its own: not the one that images bring along.
    TRY(put_file(tree, "/etc/os-release",
        fmt::format(
            "NAME=\"Harbour Linux\"\nID=harbour\nPRETTY_NAME=\"Harbour Linux, on the disk of {}\"\n", content.host),
        0644));
    TRY(put_file(tree, "/etc/hostname", content.host + "\n", 0644));
    TRY(tree.unlink("/etc/motd"));
    TRY(tree.make_directory("/srv", 0755, { 0, 0, 0 }));
    if (content.brought.empty())
        return {};
    if (content.folder.empty())
        return fail(ErrorKind::NotFound, "no scenario's folder has " + content.brought);
    auto const brought = TRY(client::open_directory_below(content.folder, content.brought));
    return Delivery(tree, *brought).bring("");
}

// ---- In memory ----

class MemoryDisk final : public runtime::HostDisk {
public:
    MemoryDisk(Clock const& clock, DiskContent content)
        : m_clock(clock)
        , m_content(std::move(content))
    {
    }
    Result<std::shared_ptr<unionfs::UnionMount>> tree() override
    {
        if (!m_tree)
            m_tree = TRY(make());
        return m_tree;
    }
    fs::path directory() const override { return {}; }

private:
    Result<std::shared_ptr<unionfs::UnionMount>> make()
    {
        auto const layer = TRY_WITH("the userland of " + m_content.host, userland_layer(m_content.images, *m_storage));
        auto branch = TRY(unionfs::LayerBranch::create(layer));
        unionfs::Stack stack { std::make_shared<unionfs::MemoryWritableBranch>(m_clock), { std::move(branch) },
            { layer->diff_id } };
        auto tree = std::make_shared<unionfs::UnionMount>(std::move(stack), ContainerId {}, trace::Publisher());
        TRY_WITH("the disk of " + m_content.host, furnish(*tree, m_content));
        return tree;
    }

    Clock const& m_clock;
    DiskContent m_content;
    std::unique_ptr<content::Storage> m_storage { content::make_memory_storage() };
    std::shared_ptr<unionfs::UnionMount> m_tree; // one task at a time runs in the simulated world
};

// ---- In a directory ----

class DirectoryDisk final : public runtime::HostDisk {
public:
    DirectoryDisk(fs::path directory, DiskContent content)
        : m_directory(std::move(directory))
        , m_content(std::move(content))
    {
    }
    Result<std::shared_ptr<unionfs::UnionMount>> tree() override
    {
        std::lock_guard const lock(m_mutex);
        std::error_code error;
        if (!fs::exists(m_directory, error))
            TRY_WITH("the disk of " + m_content.host, make());
        return mount(m_directory, m_next_work++ % 64); // two who look at once must not sweep each other's
    }
    fs::path directory() const override { return m_directory; }

private:
    static Result<std::shared_ptr<unionfs::UnionMount>> mount(fs::path const& directory, std::uint64_t number)
    {
        auto const work = fs::path(directory.string() + ".work") / std::to_string(number);
        std::error_code error;
        fs::create_directories(work, error);
        auto branch = TRY(unionfs::DirectoryWritableBranch::open(directory, work));
        unionfs::Stack stack { std::move(branch), {}, {} };
        return std::make_shared<unionfs::UnionMount>(std::move(stack), ContainerId {}, trace::Publisher());
    }

    // Aside first: a disk that is there is whole.
    Result<void> make()
    {
        auto const aside = fs::path(m_directory.string() + ".new");
        std::error_code error;
        fs::remove_all(aside, error);
        fs::create_directories(aside, error);
        if (error)
            return fail(Error::from_errno("mkdir(2)", error.value()).with_context("making " + aside.string()));
        {
            auto const storage = content::make_memory_storage();
            auto const layer = TRY(userland_layer(m_content.images, *storage));
            auto const tree = TRY(mount(aside, 0));
            TRY(unionfs::apply_archive(*tree, "/", layer->entries, *layer->tar, unionfs::Overwrite::Anything));
            TRY(furnish(*tree, m_content));
        }
        fs::remove_all(aside.string() + ".work", error);
        fs::rename(aside, m_directory, error);
        if (error)
            return fail(Error::from_errno("rename(2)", error.value()).with_context("making " + m_directory.string()));
        return {};
    }

    fs::path m_directory;
    DiskContent m_content;
    std::mutex m_mutex;
    std::uint64_t m_next_work { 0 };
};

}

std::shared_ptr<runtime::HostDisk> make_memory_disk(Clock const& clock, DiskContent content)
{
    return std::make_shared<MemoryDisk>(clock, std::move(content));
}

std::shared_ptr<runtime::HostDisk> make_directory_disk(fs::path directory, DiskContent content)
{
    return std::make_shared<DirectoryDisk>(std::move(directory), std::move(content));
}

}
