#include "engine/daemon/Volumes.h"

#include "engine/daemon/Json.h"
#include "engine/daemon/Names.h"
#include "engine/unionfs/DirectoryWritableBranch.h"
#include "engine/unionfs/MemoryWritableBranch.h"

namespace drydock::daemon {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t anonymous_digits = 64;

std::string volume_key(std::string const& name)
{
    return "volumes/" + name;
}

std::string volume_document(Volume const& volume)
{
    return to_text({ { "Name", volume.name }, { "Labels", volume.labels }, { "Options", volume.options },
        { "Created", volume.created.nanoseconds } });
}

Result<Volume> parse_volume(std::string_view document)
{
    auto const object = TRY(parse_json(document));
    if (!object.is_object())
        return fail(ErrorKind::Corrupt, "a volume's record must be an object");
    ObjectReader reader(object);
    Volume volume { .name = reader.text("Name"),
        .labels = reader.texts("Labels"),
        .options = reader.texts("Options"),
        .created = { reader.number("Created") } };
    TRY(reader.finish());
    return volume;
}

Result<void> check_volume_name(std::string const& name)
{
    if (check_name(name))
        return {};
    return fail(ErrorKind::InvalidInput,
        "create " + name + ": \"" + name
            + "\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. "
              "If "
              "you intended to pass a host directory, use absolute path");
}

}

Volumes::Volumes(StorageDriver driver, Seams& seams, EventFeed& events)
    : m_driver(driver)
    , m_seams(seams)
    , m_events(events)
    , m_publisher(seams.publisher)
{
}

Result<void> Volumes::load()
{
    for (auto const& name : m_seams.storage.list("volumes")) {
        auto const document = m_seams.storage.read(volume_key(name) + "/volume.json");
        if (!document) {
            TRY(m_seams.storage.remove_tree(volume_key(name)));
            continue;
        }
        auto volume = TRY_WITH("loading volume " + name, parse_volume(*document));
        announce(volume);
        std::lock_guard const lock(m_mutex);
        m_volumes[name] = std::move(volume);
    }
    return {};
}

fs::path Volumes::directory(std::string const& name) const
{
    return *m_seams.storage.directory() / "volumes" / name;
}

std::string Volumes::mount_point(std::string const& name) const
{
    return m_driver == StorageDriver::Simulated ? "memory:" + name : (directory(name) / "_data").string();
}

Result<void> Volumes::make(Volume const& volume)
{
    if (m_driver == StorageDriver::Simulated) {
        unionfs::Stack stack { std::make_shared<unionfs::MemoryWritableBranch>(m_seams.scheduler), {}, {} };
        std::lock_guard const lock(m_mutex);
        m_in_memory[volume.name]
            = std::make_shared<unionfs::UnionMount>(std::move(stack), ContainerId {}, trace::Publisher());
    } else {
        std::error_code error;
        fs::create_directories(directory(volume.name) / "_data", error);
        if (error)
            return fail(Error::from_errno("mkdir(2)", error.value()).with_context("making volume " + volume.name));
    }
    return m_seams.storage.write_atomically(volume_key(volume.name) + "/volume.json", volume_document(volume));
}

void Volumes::announce(Volume const& volume) const
{
    m_publisher.publish(
        trace::VolumeCreated { .volume = volume.name, .driver = "local", .location = mount_point(volume.name) });
}

Result<Volume> Volumes::create(Wanted wanted)
{
    bool const anonymous = wanted.name.empty();
    if (anonymous) {
        wanted.name = m_seams.random.hex(anonymous_digits);
        wanted.labels.emplace("com.docker.volume.anonymous", "");
    }
    TRY(check_volume_name(wanted.name));
    if (!wanted.options.empty())
        return fail(ErrorKind::NotSupported, "the local driver takes no options in this version of Drydock");
    Volume const volume { wanted.name, std::move(wanted.labels), std::move(wanted.options), m_seams.scheduler.now() };
    {
        std::lock_guard const lock(m_mutex);
        auto const [there, is_new] = m_volumes.try_emplace(volume.name, volume);
        if (!is_new)
            return there->second;
    }
    if (auto const made = make(volume); !made) {
        std::lock_guard const lock(m_mutex);
        m_volumes.erase(volume.name);
        return fail(made.error());
    }
    announce(volume);
    m_events.publish("volume", "create", volume.name, { { "driver", "local" } });
    return volume;
}

Result<Volume> Volumes::find(std::string const& name) const
{
    std::lock_guard const lock(m_mutex);
    auto const found = m_volumes.find(name);
    if (found == m_volumes.end())
        return fail(ErrorKind::NotFound, "get " + name + ": no such volume");
    return found->second;
}

std::vector<Volume> Volumes::list() const
{
    std::lock_guard const lock(m_mutex);
    std::vector<Volume> all;
    for (auto const& [name, volume] : m_volumes)
        all.push_back(volume);
    return all;
}

Result<void> Volumes::remove(std::string const& name)
{
    TRY(find(name));
    TRY(m_seams.storage.remove(volume_key(name) + "/volume.json")); // a tree without it is swept at the next start
    {
        std::lock_guard const lock(m_mutex);
        m_volumes.erase(name);
        m_in_memory.erase(name);
    }
    auto const swept = m_seams.storage.remove_tree(volume_key(name));
    m_publisher.publish(trace::VolumeRemoved { .volume = name });
    m_events.publish("volume", "destroy", name, { { "driver", "local" } });
    return swept;
}

Result<std::shared_ptr<unionfs::UnionMount>> Volumes::open(std::string const& name)
{
    TRY(find(name));
    std::string work;
    {
        std::lock_guard const lock(m_mutex);
        if (m_driver == StorageDriver::Simulated) {
            auto& tree = m_in_memory[name];
            if (tree == nullptr) { // the daemon was started anew, and what it kept in memory is gone
                unionfs::Stack stack { std::make_shared<unionfs::MemoryWritableBranch>(m_seams.scheduler), {}, {} };
                tree = std::make_shared<unionfs::UnionMount>(std::move(stack), ContainerId {}, trace::Publisher());
            }
            return tree;
        }
        work = "work" + std::to_string(m_next_work++ % 64); // two who look at once must not sweep each other's
    }
    std::error_code error;
    fs::create_directories(directory(name) / work, error);
    auto sheet = TRY(unionfs::DirectoryWritableBranch::open(directory(name) / "_data", directory(name) / work));
    unionfs::Stack stack { std::move(sheet), {}, {} };
    return std::make_shared<unionfs::UnionMount>(std::move(stack), ContainerId {}, trace::Publisher());
}

Result<std::uint64_t> Volumes::size(std::string const& name)
{
    auto const tree = TRY(open(name));
    return tree_size(*tree, "/");
}

Result<std::uint64_t> tree_size(unionfs::UnionMount const& tree, std::string const& path)
{
    std::uint64_t total = 0;
    for (auto const& entry : TRY(tree.list(path))) {
        auto const child = (path == "/" ? "" : path) + "/" + entry.name;
        if (entry.attributes.type == unionfs::FileType::Directory)
            total += TRY(tree_size(tree, child));
        else if (entry.attributes.type == unionfs::FileType::Regular)
            total += entry.attributes.size;
    }
    return total;
}

}
