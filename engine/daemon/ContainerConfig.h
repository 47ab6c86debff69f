#pragma once

// What a container is made from, as `POST /containers/create` states it: the config (what to run, as an image could
// say it too) and the host config (what this host allows and gives it). DOCKER-API names are kept in the JSON.

#include "sim/core/Result.h"
#include "sim/oci/Manifest.h"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace drydock::daemon {

struct ContainerConfig {
    std::string hostname;
    std::string user;
    bool attach_stdin { false };
    bool attach_stdout { false };
    bool attach_stderr { false };
    bool tty { false };
    bool open_stdin { false };
    bool stdin_once { false }; // the end of the first client's input is the end of stdin
    std::vector<std::string> env;
    std::optional<std::vector<std::string>> cmd; // nothing: what the image says
    std::optional<std::vector<std::string>> entrypoint;
    std::string image; // as the user typed it
    std::string working_dir;
    std::map<std::string, std::string> labels;
    std::string stop_signal;
    std::optional<std::int64_t> stop_timeout; // seconds
    std::vector<std::string> exposed_ports;   // "80/tcp"

    // Entrypoint and command as one list.
    std::vector<std::string> command_line() const;
};

struct HostConfig {
    bool auto_remove { false };
    bool read_only_root { false };
    std::string network_mode { "none" };
    std::int64_t memory { 0 }; // bytes
    std::int64_t nano_cpus { 0 };
    std::int64_t pids_limit { 0 };
    std::vector<std::string> cap_add;
    std::vector<std::string> cap_drop;
    std::string restart_policy { "no" };
    std::int64_t console_rows { 0 };
    std::int64_t console_columns { 0 };
};

struct CreateBody {
    ContainerConfig config;
    HostConfig host;
    std::vector<std::string> warnings; // what was asked for and is not done
};

// InvalidInput for what is wrong, NotSupported for what this version cannot do and must not pretend to.
Result<CreateBody> parse_create_body(nlohmann::ordered_json const& body);

// Fills in what the image says: a command, an environment, labels, a user (docker's merge of the two configs).
void inherit(ContainerConfig& config, oci::ImageConfig const& image);

nlohmann::ordered_json to_json(ContainerConfig const&);
nlohmann::ordered_json to_json(HostConfig const&);
Result<ContainerConfig> parse_config(nlohmann::ordered_json const&);
Result<HostConfig> parse_host_config(nlohmann::ordered_json const&);

}
