#pragma once

// Who we are to which registry, as `docker login` stores it: docker's own ~/.docker/config.json, member "auths", where
// each password lies as base64 of "user:password" (readable by its owner alone; docker warns of the same).

#include "engine/client/LocalFiles.h"

#include <optional>

namespace drydock::client {

struct Login {
    std::string username;
    std::string password;
};

class Credentials {
public:
    explicit Credentials(LocalFiles& files)
        : m_files(files)
    {
    }
    // `registry` as in a reference: "docker.io", "127.0.0.1:5000".
    Result<std::optional<Login>> find(std::string const& registry) const;
    Result<void> store(std::string const& registry, Login const&);
    Result<bool> erase(std::string const& registry); // whether there was one

    // The value of X-Registry-Auth for that registry: base64url of {"username","password","serveraddress"}, or of {}.
    Result<std::string> header(std::string const& registry) const;
    // The value of X-Registry-Config: {"<registry>":{"username","password"}} of all of them.
    Result<std::string> all_header() const;
    // Where they lie, for words to people.
    std::string path() const { return m_files.config_directory() + "/config.json"; }

private:
    LocalFiles& m_files;
};

// Under which docker files a registry: "docker.io" is "https://index.docker.io/v1/".
std::string server_address(std::string const& registry);

}
