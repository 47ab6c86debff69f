#include "engine/client/Credentials.h"

#include "sim/core/Base64.h"

#include <nlohmann/json.hpp>

namespace drydock::client {

using json = nlohmann::ordered_json;

namespace {

// An absent file is an empty one. What is in it besides, other programs keep there.
Result<json> load_config(LocalFiles& files, std::string const& path)
{
    auto const text = read_file(files, path);
    if (!text && text.error().kind() == ErrorKind::NotFound)
        return json::object();
    if (!text)
        return fail(text.error());
    auto config = json::parse(text->empty() ? "{}" : *text, nullptr, false);
    if (!config.is_object() || (config.contains("auths") && !config["auths"].is_object()))
        return fail(ErrorKind::Corrupt, path + " is no JSON object as docker writes it");
    return config;
}

}

std::string server_address(std::string const& registry)
{
    return registry == "docker.io" ? "https://index.docker.io/v1/" : registry;
}

Result<std::optional<Login>> Credentials::find(std::string const& registry) const
{
    auto const config = TRY(load_config(m_files, path()));
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
    auto config = TRY(load_config(m_files, path()));
    config["auths"][server_address(registry)] = { { "auth", base64(login.username + ":" + login.password) } };
    return write_file(m_files, path(), config.dump(1, '\t') + "\n");
}

Result<bool> Credentials::erase(std::string const& registry)
{
    auto config = TRY(load_config(m_files, path()));
    if (!config.contains("auths") || config["auths"].erase(server_address(registry)) == 0)
        return false;
    TRY(write_file(m_files, path(), config.dump(1, '\t') + "\n"));
    return true;
}

Result<std::string> Credentials::header(std::string const& registry) const
{
    auto const login = TRY(find(registry));
    json object = json::object();
    if (login)
        object = { { "username", login->username }, { "password", login->password },
            { "serveraddress", server_address(registry) } };
    auto const text = base64_url(object.dump());
    return text + std::string((4 - text.size() % 4) % 4, '=');
}

}
