#include "engine/client/ConfigFile.h"

namespace drydock::client {

using json = nlohmann::ordered_json;

std::string config_file_path(LocalFiles const& files)
{
    return files.config_directory() + "/config.json";
}

Result<json> read_config_file(LocalFiles& files)
{
    auto const path = config_file_path(files);
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

Result<void> write_config_file(LocalFiles& files, json const& config)
{
    return write_file(files, config_file_path(files), config.dump(1, '\t') + "\n");
}

}
