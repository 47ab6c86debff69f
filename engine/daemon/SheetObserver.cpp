#include "engine/daemon/SheetObserver.h"

#include "engine/unionfs/Changes.h"

namespace drydock::daemon {

using unionfs::Change;
using unionfs::FileType;

namespace {

bool looks_rewritten(unionfs::Attributes const& before, unionfs::Attributes const& now)
{
    return before.size != now.size || before.mtime != now.mtime;
}

}

SheetObserver::SheetObserver(Roots& roots, trace::Publisher publisher)
    : m_roots(roots)
    , m_publisher(std::move(publisher))
{
}

void SheetObserver::begin(ContainerRecord const& record)
{
    if (m_roots.driver() != StorageDriver::Overlay)
        return;
    std::lock_guard const lock(m_mutex);
    auto& known = m_known[record.id];
    auto const below = m_roots.look_below(record);
    auto now = below ? look(record, **below, known) : Result<Sheet>(fail(below.error()));
    if (now)
        known = std::move(*now);
    else
        warn(now.error());
}

void SheetObserver::observe(ContainerRecord const& record)
{
    if (m_roots.driver() != StorageDriver::Overlay)
        return;
    std::lock_guard const lock(m_mutex);
    if (auto const compared = compare(record); !compared)
        warn(compared.error());
}

std::shared_ptr<unionfs::UnionMount const> SheetObserver::tell(ContainerRecord const& record) const
{
    auto told = [&]() -> Result<std::shared_ptr<unionfs::UnionMount const>> {
        auto const sheet = TRY(m_roots.look_at_sheet(record.id));
        auto const top = TRY(sheet->list(""));
        if (top.empty())
            return nullptr;
        std::shared_ptr<unionfs::UnionMount const> below = TRY(m_roots.look_below(record));
        auto const now = TRY(look(record, *below, {}));
        TRY(publish_new(record, {}, now, *below));
        return below;
    }();
    if (!told)
        warn(told.error());
    return told.value_or(nullptr);
}

void SheetObserver::forget(ContainerId const& id)
{
    std::lock_guard const lock(m_mutex);
    m_known.erase(id);
}

void SheetObserver::warn(Error const& error) const
{
    m_publisher.publish(
        trace::WarningRaised { .what = "what a program wrote into its container was not seen: " + error.message(),
            .remedy = "use the storage driver fuse, which tells each change itself" });
}

Result<void> SheetObserver::compare(ContainerRecord const& record)
{
    auto const entry = m_known.find(record.id);
    if (entry == m_known.end())
        return {}; // an exec that ended with its container, and the container is gone by now
    auto& known = entry->second;
    auto const below = TRY(m_roots.look_below(record));
    auto now = TRY(look(record, *below, known));
    TRY(publish_new(record, known, now, *below));
    known = std::move(now);
    return {};
}

Result<SheetObserver::Sheet> SheetObserver::look(
    ContainerRecord const& record, unionfs::UnionMount const& below, Sheet const& known) const
{
    auto const sheet = TRY(m_roots.look_at_sheet(record.id));
    auto const merged = TRY(m_roots.open(record));
    Sheet now;
    for (auto const& change : TRY(merged->changes())) {
        auto const found = TRY(sheet->look_up(change.path.substr(1)));
        auto& object = now[change.path];
        object.attributes = found.attributes;
        object.opaque = found.opaque;
        if (change.kind == Change::Kind::Deleted) {
            object.origin = found.lookup == unionfs::Lookup::WhitedOut ? Origin::WhitedOut : Origin::Hidden;
            continue;
        }
        // Over what had been deleted, a new file is no copy of the one below.
        auto const before = known.find(change.path);
        bool const new_object = before != known.end() && before->second.origin != Origin::CopiedUp;
        bool const copied_up = change.kind == Change::Kind::Modified && !new_object && !found.opaque
            && TRY(below.stat(change.path)).type == found.attributes.type;
        object.origin = copied_up ? Origin::CopiedUp : Origin::Created;
    }
    return now;
}

Result<void> SheetObserver::publish_new(
    ContainerRecord const& record, Sheet const& known, Sheet const& now, unionfs::UnionMount const& below) const
{
    for (auto before = known.rbegin(); before != known.rend(); ++before) { // what a directory holds goes before it
        if (!now.contains(before->first))
            m_publisher.publish(trace::FileRemoved { record.id, before->first });
    }
    for (auto const& [path, object] : now) {
        auto const before = known.find(path);
        if (before == known.end() || before->second.origin != object.origin)
            TRY(publish_object(record, path, object, below));
        else if (object.attributes.type == FileType::Regular
            && looks_rewritten(before->second.attributes, object.attributes))
            m_publisher.publish(trace::FileWritten { record.id, path, object.attributes.size });
    }
    return {};
}

Result<void> SheetObserver::publish_object(ContainerRecord const& record, std::string const& path, Object const& object,
    unionfs::UnionMount const& below) const
{
    bool const is_file = object.attributes.type == FileType::Regular;
    switch (object.origin) {
    case Origin::WhitedOut:
        m_publisher.publish(trace::FileRemoved { record.id, path });
        m_publisher.publish(trace::WhiteoutMade { record.id, path });
        break;
    case Origin::Hidden: m_publisher.publish(trace::FileRemoved { record.id, path }); break;
    case Origin::Created:
        m_publisher.publish(trace::FileCreated { record.id, path, std::string(word_for(object.attributes.type)) });
        if (object.opaque)
            m_publisher.publish(trace::DirectoryMadeOpaque { record.id, path });
        if (is_file && object.attributes.size > 0)
            m_publisher.publish(trace::FileWritten { record.id, path, object.attributes.size });
        break;
    case Origin::CopiedUp: {
        auto const original = TRY(below.stat(path));
        auto const branch = TRY(below.provider(path)); // 1: the topmost layer
        auto const& layer = record.layers.at(record.layers.size() - static_cast<std::size_t>(branch));
        m_publisher.publish(trace::FileCopiedUp { record.id, path, branch, layer.digest, is_file ? original.size : 0 });
        if (is_file && looks_rewritten(original, object.attributes))
            m_publisher.publish(trace::FileWritten { record.id, path, object.attributes.size });
        break;
    }
    }
    return {};
}

}
