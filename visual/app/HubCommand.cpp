// drydock hub: what the embedded public registry holds.

#include "engine/daemon/Registries.h"
#include "engine/image/ArchiveLayout.h"
#include "engine/os/LiveNetwork.h"
#include "engine/registry/RegistryServer.h"
#include "sim/time/LiveScheduler.h"
#include "visual/app/Commands.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace fs = std::filesystem;

namespace drydock::app {

namespace {

// The hub of a data root. No daemon may be using it.
struct Hub {
    static Result<std::unique_ptr<Hub>> open(std::string const& data_root)
    {
        auto storage = TRY_WITH("opening the hub (a daemon that uses it must be stopped first)",
            content::open_directory_storage(fs::path(data_root) / "hub"));
        return std::make_unique<Hub>(std::move(storage));
    }
    explicit Hub(std::unique_ptr<content::Storage> its_storage)
        : storage(std::move(its_storage))
    {
    }

    std::unique_ptr<content::Storage> storage;
    Random random { Random::seed_from_system() };
    registry::RegistryServer registry { *storage, random, {} };
};

// A directory is an OCI layout; a file, an archive that holds one.
Result<std::vector<std::string>> import_file(Hub& hub, fs::path const& path, std::string const& repository)
{
    if (fs::is_directory(path)) {
        auto const layout = content::open_read_only(path);
        return hub.registry.import_layout(*layout, repository);
    }
    std::ifstream file(path, std::ios::binary);
    auto const archive = TRY(
        image::Archive::receive(*hub.storage, "incoming/archive", [&](std::span<char> buffer) -> Result<std::size_t> {
            file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
            return static_cast<std::size_t>(file.gcount());
        }));
    if (!archive->has("index.json"))
        return fail(ErrorKind::NotSupported,
            path.string()
                + " holds no OCI layout. Archives of docker before version 25 go by `docker load` and `docker push`");
    auto const layout = image::layout_in(*archive);
    return hub.registry.import_layout(*layout, repository);
}

Result<std::vector<std::string>> import_from_registry(Hub& hub, HubOptions const& options)
{
    auto const reference = TRY(oci::Reference::parse(options.source));
    if (reference.registry == "docker.io")
        return fail(ErrorKind::InvalidInput,
            options.source + " is neither a file nor an image with its registry's name in front (HOST:PORT/app:1)");
    LiveScheduler scheduler;
    os::LiveNetwork network;
    daemon::Config config;
    config.encryption = true;
    config.certificates = fs::path(options.data_root) / "certs.d";
    auto const from = TRY(daemon::open_registry(config, network, scheduler, {}, reference.registry, std::nullopt));
    auto const repository = options.name.empty() ? reference.repository : options.name;
    auto const tag = reference.tag.empty() ? std::string("latest") : reference.tag;
    TRY(hub.registry.import_image(*from.client, reference, repository, tag));
    return std::vector { repository + ":" + tag };
}

Result<std::vector<std::string>> import_into_hub(HubOptions const& options)
{
    auto const hub = TRY(Hub::open(options.data_root));
    if (fs::exists(options.source))
        return import_file(*hub, options.source, options.name);
    return import_from_registry(*hub, options);
}

// A folder for what lies on disk for a while only.
class Scratch {
public:
    Scratch() { static_cast<void>(::mkdtemp(m_path.data())); }
    ~Scratch()
    {
        std::error_code error;
        fs::remove_all(m_path, error);
    }
    Scratch(Scratch const&) = delete;
    Scratch& operator=(Scratch const&) = delete;
    fs::path path() const { return m_path; }

private:
    std::string m_path { (fs::temp_directory_path() / "drydock-debian.XXXXXX").string() };
};

Result<std::vector<std::string>> add_debian(HubOptions const& options)
{
    auto const hub = TRY(Hub::open(options.data_root));
    Scratch const scratch;
    TRY(make_debian_layout(*options.debian, scratch.path()));
    auto const layout = content::open_read_only(scratch.path() / "layout");
    return hub->registry.import_layout(*layout, options.name.empty() ? "library/debian" : options.name);
}

Result<std::vector<std::string>> names_in_hub(HubOptions const& options)
{
    return TRY(Hub::open(options.data_root))->registry.names();
}

}

int hub(HubOptions const& options)
{
    auto const names = options.debian ? add_debian(options)
        : options.source.empty()      ? names_in_hub(options)
                                      : import_into_hub(options);
    if (!names)
        return complain(names.error());
    for (auto const& name : *names)
        fmt::print("{}\n", name);
    if (names->empty())
        fmt::print(stderr, "{}\n", options.source.empty() ? "The hub is empty." : "No image in it has a name.");
    return 0;
}

}
