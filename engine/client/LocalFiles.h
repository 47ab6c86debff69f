#pragma once

// The files of whoever types: build contexts, archives that `docker save -o` writes and `docker load -i` reads, and
// docker's own config.json. Live, those are the user's own. A client inside a lab reads below the scenario's folder and
// writes into memory, so that no scenario touches anything else (HARDENING T35).

#include "engine/client/LocalDirectory.h"

#include <functional>
#include <string_view>

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
