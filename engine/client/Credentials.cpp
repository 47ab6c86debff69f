#include "engine/client/Credentials.h"

#include "engine/client/ConfigFile.h"
#include "sim/core/Base64.h"

namespace drydock::client {

using json = nlohmann::ordered_json;

std::string server_address(std::string const& registry)
{
    return registry == "docker.io" ? "https://index.docker.io/v1/" : registry;
}

Result<std::optional<Login>> Credentials::find(std::string const& registry) const
{
    auto const config = TRY(read_config_file(m_files));
    auto const key = server_address(registry);
    if (!config.contains("auths") || !config["auths"].contains(key))
        return std::nullopt;
    auto const& entry = config["auths"][key];
    if (!entry.is_object() || !entry.contains("auth") || !entry["auth"].is_string())
        return std::nullopt; // in a credential helper's keeping
    auto const text = TRY_WITH(path(), base64_decode(entry["auth"].get<std::string>()));
    auto const colon = text.find(':');
    if (colon == std::string::npos)
        return fail(ErrorKind::Corrupt, path() + ": the entry of " + key + " is no user:password");
    return Login { text.substr(0, colon), text.substr(colon + 1) };
}

Result<void> Credentials::store(std::string const& registry, Login const& login)
{
    auto config = TRY(read_config_file(m_files));
    config["auths"][server_address(registry)] = { { "auth", base64(login.username + ":" + login.password) } };
    return write_config_file(m_files, config);
}

Result<bool> Credentials::erase(std::string const& registry)
{
    auto config = TRY(read_config_file(m_files));
    if (!config.contains("auths") || config["auths"].erase(server_address(registry)) == 0)
        return false;
    TRY(write_config_file(m_files, config));
    return true;
}

namespace {

std::string as_header(json const& object)
{
    auto const text = base64_url(object.dump());
    return text + std::string((4 - text.size() % 4) % 4, '=');
}

}

Result<std::string> Credentials::all_header() const
{
    auto const config = TRY(read_config_file(m_files));
    json all = json::object();
    auto const known = config.value("auths", json::object());
    for (auto const& [server, entry] : known.items()) {
        auto const registry = server == server_address("docker.io") ? std::string("docker.io") : server;
        if (auto const login = TRY(find(registry)))
            all[server]
                = { { "username", login->username }, { "password", login->password }, { "serveraddress", server } };
    }
    return as_header(all);
}

Result<std::string> Credentials::header(std::string const& registry) const
{
    auto const login = TRY(find(registry));
    json object = json::object();
    if (login)
        object = { { "username", login->username }, { "password", login->password },
            { "serveraddress", server_address(registry) } };
    return as_header(object);
}

}
