// The config document of an image: what to run in it, who made which layer, and the layers' DiffIds.

#include "sim/oci/Json.h"
#include "sim/oci/Manifest.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace drydock::oci {

using nlohmann::ordered_json;

namespace {

constexpr std::size_t max_config_bytes = 8 << 20;

Result<std::vector<DiffId>> parse_root_filesystem(JsonObject const& root)
{
    auto const object = TRY(root.object("rootfs"));
    if (TRY(object.string("type")) != "layers")
        return object.invalid("type", "is not \"layers\"");
    if (!object.has("diff_ids"))
        return object.invalid("diff_ids", "is missing");
    std::vector<DiffId> diff_ids;
    for (auto const& text : TRY(object.strings("diff_ids")))
        diff_ids.push_back({ TRY_WITH("image config: rootfs.diff_ids", Digest::parse(text)) });
    return diff_ids;
}

Result<std::vector<History>> parse_history(JsonObject const& root)
{
    std::vector<History> history;
    if (!root.has("history"))
        return history;
    for (auto const& line : TRY(root.objects("history"))) {
        auto& entry = history.emplace_back();
        entry.created = TRY(line.string_or_empty("created"));
        entry.created_by = TRY(line.string_or_empty("created_by"));
        entry.comment = TRY(line.string_or_empty("comment"));
        entry.empty_layer = TRY(line.boolean("empty_layer"));
    }
    return history;
}

Result<Healthcheck> parse_healthcheck(JsonObject const& object)
{
    auto const duration = [&](std::string_view name) -> Result<Duration> {
        if (!object.has(name))
            return Duration {};
        return Duration(static_cast<std::int64_t>(TRY(object.size(name))));
    };
    Healthcheck check;
    check.test = TRY(object.strings("Test"));
    check.interval = TRY(duration("Interval"));
    check.timeout = TRY(duration("Timeout"));
    check.start_period = TRY(duration("StartPeriod"));
    check.start_interval = TRY(duration("StartInterval"));
    if (object.has("Retries"))
        check.retries = static_cast<std::int64_t>(TRY(object.size("Retries")));
    return check;
}

Result<void> parse_run_parameters(JsonObject const& object, ImageConfig& config)
{
    config.user = TRY(object.string_or_empty("User"));
    config.env = TRY(object.strings("Env"));
    config.entrypoint = TRY(object.strings("Entrypoint"));
    config.cmd = TRY(object.strings("Cmd"));
    config.working_dir = TRY(object.string_or_empty("WorkingDir"));
    config.stop_signal = TRY(object.string_or_empty("StopSignal"));
    config.exposed_ports = TRY(object.keys("ExposedPorts"));
    config.volumes = TRY(object.keys("Volumes"));
    config.labels = TRY(object.string_map("Labels"));
    config.on_build = TRY(object.strings("OnBuild"));
    config.shell = TRY(object.strings("Shell"));
    if (object.has("Healthcheck")) {
        auto const check = TRY(object.object("Healthcheck"));
        config.healthcheck = TRY(parse_healthcheck(check));
    }
    return {};
}

void set_unless_empty(ordered_json& object, char const* name, std::string const& value)
{
    if (!value.empty())
        object[name] = value;
}

void set_unless_empty(ordered_json& object, char const* name, std::vector<std::string> const& values)
{
    if (!values.empty())
        object[name] = values;
}

// The form Go gives a set: {"80/tcp":{}}
void set_keys_unless_empty(ordered_json& object, char const* name, std::vector<std::string> const& keys)
{
    for (auto const& key : keys)
        object[name][key] = ordered_json::object();
}

ordered_json to_ordered_json(Healthcheck const& check)
{
    auto object = ordered_json::object();
    set_unless_empty(object, "Test", check.test);
    for (auto const& [name, value] : { std::pair("Interval", check.interval), std::pair("Timeout", check.timeout),
             std::pair("StartPeriod", check.start_period), std::pair("StartInterval", check.start_interval) }) {
        if (value.count() != 0)
            object[name] = value.count();
    }
    if (check.retries != 0)
        object["Retries"] = check.retries;
    return object;
}

ordered_json run_parameters(ImageConfig const& config)
{
    auto object = ordered_json::object();
    set_unless_empty(object, "User", config.user);
    set_keys_unless_empty(object, "ExposedPorts", config.exposed_ports);
    set_unless_empty(object, "Env", config.env);
    set_unless_empty(object, "Entrypoint", config.entrypoint);
    set_unless_empty(object, "Cmd", config.cmd);
    set_keys_unless_empty(object, "Volumes", config.volumes);
    set_unless_empty(object, "WorkingDir", config.working_dir);
    if (!config.labels.empty())
        object["Labels"] = config.labels;
    set_unless_empty(object, "StopSignal", config.stop_signal);
    if (config.healthcheck)
        object["Healthcheck"] = to_ordered_json(*config.healthcheck);
    set_unless_empty(object, "OnBuild", config.on_build);
    set_unless_empty(object, "Shell", config.shell);
    return object;
}

ordered_json to_ordered_json(History const& line)
{
    auto object = ordered_json::object();
    set_unless_empty(object, "created", line.created);
    set_unless_empty(object, "created_by", line.created_by);
    set_unless_empty(object, "comment", line.comment);
    if (line.empty_layer)
        object["empty_layer"] = true;
    return object;
}

}

Result<ImageConfig> ImageConfig::parse(std::string_view text)
{
    auto const document = TRY(parse_json(text, "image config", max_config_bytes));
    auto const root = TRY(JsonObject::root(document, "image config"));
    ImageConfig config;
    config.platform.architecture = TRY(root.string("architecture"));
    config.platform.os = TRY(root.string("os"));
    config.platform.variant = TRY(root.string_or_empty("variant"));
    config.created = TRY(root.string_or_empty("created"));
    config.author = TRY(root.string_or_empty("author"));
    if (root.has("config")) {
        auto const parameters = TRY(root.object("config"));
        TRY(parse_run_parameters(parameters, config));
    }
    config.diff_ids = TRY(parse_root_filesystem(root));
    config.history = TRY(parse_history(root));
    auto const with_layer = static_cast<std::size_t>(std::count_if(
        config.history.begin(), config.history.end(), [](History const& line) { return !line.empty_layer; }));
    if (with_layer > config.diff_ids.size())
        return root.invalid("history",
            "tells of " + std::to_string(with_layer) + " layers, rootfs has " + std::to_string(config.diff_ids.size()));
    return config;
}

std::string ImageConfig::to_json() const
{
    auto document = ordered_json::object();
    set_unless_empty(document, "created", created);
    set_unless_empty(document, "author", author);
    document["architecture"] = platform.architecture;
    document["os"] = platform.os;
    set_unless_empty(document, "variant", platform.variant);
    document["config"] = run_parameters(*this);
    document["rootfs"]["type"] = "layers";
    document["rootfs"]["diff_ids"] = ordered_json::array();
    for (auto const& diff_id : diff_ids)
        document["rootfs"]["diff_ids"].push_back(diff_id.digest.to_string());
    document["history"] = ordered_json::array();
    for (auto const& line : history)
        document["history"].push_back(to_ordered_json(line));
    return document.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}
