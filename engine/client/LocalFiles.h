#pragma once

// The files of whoever types: build contexts, archives that `docker save -o` writes and `docker load -i` reads, and
// docker's own config.json. Live, those are the user's own. A client inside a lab reads below the scenario's folder and
// writes into memory, so that no scenario touches anything else (HARDENING T35).

#include "engine/client/LocalDirectory.h"
#include "engine/client/LocalTree.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace drydock::client {

class LocalFiles {
public:
    virtual ~LocalFiles() = default;

    // Gives the next piece, an empty one at the end.
    using Reader = std::function<Result<std::string>()>;
    virtual Result<Reader> open(std::string const& path) = 0; // NotFound
    // The file is whole, or not there: it gets its name with `finish`.
    class Writer {
    public:
        virtual ~Writer() = default;
        virtual Result<void> write(std::string_view bytes) = 0;
        virtual Result<void> finish() = 0;
    };
    virtual Result<std::unique_ptr<Writer>> create(std::string const& path) = 0; // readable by its owner alone
    // NotFound, or InvalidInput where it may not be read from here.
    virtual Result<std::unique_ptr<LocalDirectory>> directory(std::string const& path) = 0;
    // Names of what lies in a folder, sorted; none where it is not there.
    virtual Result<std::vector<std::string>> names_in(std::string const& folder) const = 0;
    // Removes a folder below the config directory, with all that is in it; done where it is not there.
    virtual Result<void> forget(std::string const& folder) = 0;
    // ---- For `docker cp`, which brings owners, modes and links along ----

    // The absolute path of a file. NotSupported where there are no such files; the rest of these is not asked then.
    virtual Result<std::filesystem::path> place(std::string const& path) const = 0;
    enum class Kind : std::uint8_t { Absent, File, Directory };
    virtual Kind kind(std::filesystem::path const& place, Symlinks) const;
    virtual Result<void> make_directory(std::filesystem::path const& place);
    // As the free function of that name.
    virtual Result<std::function<Result<std::string>()>> pack(
        std::filesystem::path const& place, std::string const& name, Symlinks) const;
    virtual std::unique_ptr<TreeWriter> unpack();

    // Of the environment; nothing where it is not set, and always for a client inside a lab.
    virtual std::optional<std::string> variable(std::string const& name) const = 0;
    // Where docker's client keeps what it knows: $DOCKER_CONFIG, else ~/.docker.
    virtual std::string config_directory() const = 0;
};

std::shared_ptr<LocalFiles> live_files();
// `folder`, read-only, under what is written into memory; empty: only that.
std::shared_ptr<LocalFiles> memory_files(std::filesystem::path folder = {});

// A small file as a whole.
Result<std::string> read_file(LocalFiles&, std::string const& path);
Result<void> write_file(LocalFiles&, std::string const& path, std::string_view content);

}
