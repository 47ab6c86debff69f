#include "engine/daemon/Roots.h"

#include "engine/unionfs/DirectoryBranch.h"
#include "engine/unionfs/DirectoryWritableBranch.h"
#include "engine/unionfs/MemoryWritableBranch.h"
#include "sim/core/Verify.h"

namespace drydock::daemon {

namespace {

Result<std::uint64_t> files_below(unionfs::Branch const& sheet, std::string const& path)
{
    std::uint64_t total = 0;
    for (auto const& [name, found] : TRY(sheet.list(path))) {
        if (found.lookup != unionfs::Lookup::Present)
            continue;
        if (found.attributes.type == unionfs::FileType::Directory)
            total += TRY(files_below(sheet, path.empty() ? name : path + "/" + name));
        else if (found.attributes.type == unionfs::FileType::Regular)
            total += found.attributes.size;
    }
    return total;
}

}

namespace fs = std::filesystem;

Roots::Roots(StorageDriver driver, content::Storage& storage, layer::LayerStore& layers, Clock const& clock,
    trace::Publisher publisher)
    : m_driver(driver)
    , m_storage(storage)
    , m_layers(layers)
    , m_clock(clock)
    , m_publisher(std::move(publisher))
{
    VERIFY(driver == StorageDriver::Simulated || storage.directory().has_value());
}

std::string_view Roots::driver_name() const
{
    switch (m_driver) {
    case StorageDriver::Fuse: return "fuse";
    case StorageDriver::Overlay: return "overlay";
    case StorageDriver::Simulated: return "simulated";
    }
    return "";
}

fs::path Roots::directory(ContainerId const& id) const
{
    return *m_storage.directory() / "containers" / id.value;
}

std::string Roots::location(ContainerId const& id) const
{
    return m_driver == StorageDriver::Simulated ? "memory" : (directory(id) / "upper").string();
}

Result<void> Roots::make(ContainerId const& id)
{
    if (m_driver == StorageDriver::Simulated) {
        std::lock_guard const lock(m_mutex);
        m_in_memory[id] = std::make_shared<unionfs::MemoryWritableBranch>(m_clock);
    } else {
        for (auto const* part : { "upper", "work", work_name() }) {
            std::error_code error;
            fs::create_directories(directory(id) / part, error);
            if (error)
                return fail(Error::from_errno("mkdir(2)", error.value()).with_context("making the writable layer"));
        }
    }
    return {};
}

// What the kernel has mounted must not be swept: for the overlay driver, our own view of the sheet works aside.
char const* Roots::work_name() const
{
    return m_driver == StorageDriver::Overlay ? "aside" : "work";
}

Result<std::shared_ptr<unionfs::WritableBranch>> Roots::sheet(ContainerId const& id)
{
    if (m_driver == StorageDriver::Simulated) {
        std::lock_guard const lock(m_mutex);
        // A daemon that was started anew has lost what it kept in memory; the container begins with an empty sheet.
        auto& sheet = m_in_memory[id];
        if (sheet == nullptr)
            sheet = std::make_shared<unionfs::MemoryWritableBranch>(m_clock);
        return sheet;
    }
    return TRY(unionfs::DirectoryWritableBranch::open(directory(id) / "upper", directory(id) / work_name()));
}

Result<std::shared_ptr<unionfs::Branch const>> Roots::layer_branch(oci::DiffId const& diff_id)
{
    {
        std::lock_guard const lock(m_mutex);
        if (auto known = m_branches[diff_id].lock())
            return known;
    }
    auto const layer = TRY(m_layers.open(diff_id));
    auto const branch = TRY(unionfs::LayerBranch::create(layer));
    std::lock_guard const lock(m_mutex);
    m_branches[diff_id] = branch;
    return branch;
}

Result<std::shared_ptr<unionfs::UnionMount>> Roots::open(ContainerRecord const& record)
{
    {
        std::lock_guard const lock(m_mutex);
        if (auto open = m_open[record.id].lock())
            return open;
    }
    unionfs::Stack stack { .writable = TRY(sheet(record.id)), .layers = {}, .diff_ids = {} };
    TRY(add_layers(stack, record));
    auto mount = std::make_shared<unionfs::UnionMount>(std::move(stack), record.id, m_publisher);
    std::lock_guard const lock(m_mutex);
    m_open[record.id] = mount;
    return mount;
}

Result<std::unique_ptr<unionfs::UnionMount>> Roots::open_quietly(ContainerRecord const& record)
{
    unionfs::Stack stack { .writable = TRY(sheet(record.id)), .layers = {}, .diff_ids = {} };
    TRY(add_layers(stack, record));
    return std::make_unique<unionfs::UnionMount>(std::move(stack), record.id, trace::Publisher());
}

Result<void> Roots::add_layers(unionfs::Stack& stack, ContainerRecord const& record)
{
    for (auto layer = record.layers.rbegin(); layer != record.layers.rend(); ++layer) {
        stack.layers.push_back(TRY(layer_branch(*layer)));
        stack.diff_ids.push_back(*layer);
    }
    return {};
}

Result<std::unique_ptr<unionfs::UnionMount>> Roots::look_into(ContainerRecord const& record)
{
    unionfs::Stack stack;
    stack.layers.push_back(TRY(look_at_sheet(record.id)));
    stack.diff_ids.push_back({ oci::Digest::of("") }); // no image layer, and nobody asks for its name
    TRY(add_layers(stack, record));
    return std::make_unique<unionfs::UnionMount>(std::move(stack), record.id, trace::Publisher());
}

Result<std::shared_ptr<unionfs::Branch const>> Roots::look_at_sheet(ContainerId const& id)
{
    if (m_driver == StorageDriver::Simulated)
        return TRY(sheet(id));
    // Opening the sheet for writing would sweep what is under way in it.
    return TRY(unionfs::DirectoryBranch::open(directory(id) / "upper"));
}

Result<std::unique_ptr<unionfs::UnionMount>> Roots::look_below(ContainerRecord const& record)
{
    unionfs::Stack stack;
    TRY(add_layers(stack, record));
    return std::make_unique<unionfs::UnionMount>(std::move(stack), record.id, trace::Publisher());
}

Result<unionfs::Snapshots*> Roots::snapshots()
{
    std::lock_guard const lock(m_mutex);
    if (m_snapshots == nullptr)
        m_snapshots = TRY(unionfs::Snapshots::open(*m_storage.directory() / "snapshots"));
    return m_snapshots.get();
}

Result<std::optional<runtime::OverlayRoot>> Roots::overlay(ContainerRecord const& record)
{
    if (m_driver != StorageDriver::Overlay)
        return std::nullopt;
    std::vector<std::shared_ptr<layer::Layer const>> layers;
    for (auto diff_id = record.layers.rbegin(); diff_id != record.layers.rend(); ++diff_id)
        layers.push_back(TRY(m_layers.open(*diff_id)));
    auto* const extracted = TRY(snapshots());
    return runtime::OverlayRoot { .lower = TRY(extracted->lower(layers)),
        .upper = directory(record.id) / "upper",
        .work = directory(record.id) / "work" };
}

void Roots::remove(ContainerId const& id)
{
    std::lock_guard const lock(m_mutex);
    m_in_memory.erase(id);
    m_open.erase(id);
}

std::uint64_t Roots::size_of_sheet(ContainerId const& id)
{
    auto const sheet = look_at_sheet(id);
    return sheet ? files_below(**sheet, "").value_or(0) : 0;
}

std::uint64_t Roots::size_below(ContainerRecord const& record)
{
    std::uint64_t bytes = 0;
    for (auto const& layer : record.layers)
        bytes += m_layers.content_size(layer).value_or(0);
    return bytes;
}

}
