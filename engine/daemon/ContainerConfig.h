#pragma once

// What a container is made from, as `POST /containers/create` states it: the config (what to run, as an image could
// say it too) and the host config (what this host allows and gives it). DOCKER-API names are kept in the JSON.

#include "engine/daemon/Mounts.h"
#include "sim/core/Units.h"
#include "sim/oci/Manifest.h"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace drydock::daemon {

struct ContainerConfig {
    std::string hostname;
    std::string domain_name;
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
    std::vector<std::string> volumes;         // targets of anonymous volumes
    oci::Healthcheck healthcheck;

    // Entrypoint and command as one list.
    std::vector<std::string> command_line() const;
};

struct PortBinding {
    std::string host_address; // "": all
    std::string host_port;    // "": any that is free
};

struct Ulimit {
    std::string name; // "nofile"
    std::int64_t soft { 0 };
    std::int64_t hard { 0 };
};

struct DeviceMapping {
    std::string on_host; // "/dev/fuse"
    std::string in_container;
    std::string access; // "rwm"
};

struct RestartPolicy {
    std::string name { "no" }; // "always", "unless-stopped", "on-failure"
    std::int64_t most { 0 };   // restarts of on-failure; 0: without end
};

struct HostConfig {
    bool auto_remove { false };
    bool read_only_root { false };
    std::string network_mode { "default" };
    std::string pid_mode;           // "", "host", "container:ID"
    std::string ipc_mode;           // "private", "shareable", "none", "host", "container:ID"
    std::string uts_mode;           // "", "host"
    std::string userns_mode;        // "", "host"
    std::int64_t memory { 0 };      // bytes
    std::int64_t memory_swap { 0 }; // bytes of memory and swap together; -1: as much swap as there is
    std::int64_t nano_cpus { 0 };
    std::int64_t pids_limit { 0 };
    std::vector<std::string> cap_add;
    std::vector<std::string> cap_drop;
    RestartPolicy restart;
    std::vector<std::string> volumes_from;  // "name[:ro]": containers whose mounts it gets as well
    std::string log_driver { "json-file" }; // "local", or "none": what it writes is kept for nobody
    std::map<std::string, std::string> log_options;
    std::vector<std::string> links; // "db:alias", other containers that it finds by name on the default network
    std::vector<std::string> binds; // as they were asked for; ContainerRecord::mounts has what came of them
    std::map<std::string, std::string> tmpfs;
    std::vector<MountPoint> mounts; // those of --mount
    std::vector<Ulimit> ulimits;
    bool privileged { false };
    std::vector<std::string> groups; // supplementary, besides the image's
    std::map<std::string, std::string> sysctls;
    std::vector<DeviceMapping> devices;
    std::vector<std::string> security;    // "no-new-privileges", "seccomp=unconfined"
    std::vector<std::string> extra_hosts; // "db:10.0.0.7"
    std::vector<std::string> dns;
    std::vector<std::string> dns_search;
    std::vector<std::string> dns_options;
    std::map<std::string, std::vector<PortBinding>> ports; // "80/tcp" → where it is published
    bool publish_all { false };
    bool init { false };         // a reaper as PID 1
    std::int64_t shm_size { 0 }; // bytes; 0: 64 MiB
    std::int64_t console_rows { 0 };
    std::int64_t console_columns { 0 };
    // What was asked for and has no effect; `docker inspect` shows it all the same, and a warning says so.
    std::map<std::string, std::int64_t> idle_numbers; // "CpuShares"
    std::map<std::string, std::string> idle_texts;    // "CpusetCpus"

    bool unconfined() const; // no system call filter
};

// How a container is to be on a network.
struct EndpointRequest {
    std::vector<std::string> aliases;
    std::string address;             // "": any that is free
    std::string hardware_address {}; // "": one made from the address
};

struct CreateBody {
    ContainerConfig config;
    HostConfig host;
    std::map<std::string, EndpointRequest> endpoints {}; // by the network's name
    std::vector<std::string> warnings {};                // what was asked for and is not done
    std::optional<ContainerId> id {};                    // one that was chosen beforehand
};

nlohmann::ordered_json healthcheck_to_json(oci::Healthcheck const&);

// InvalidInput for what is wrong, NotSupported for what this version cannot do and must not pretend to.
Result<CreateBody> parse_create_body(nlohmann::ordered_json const& body);

nlohmann::ordered_json endpoints_to_json(std::map<std::string, EndpointRequest> const&);
// As the runtime takes them.
std::vector<runtime::Ulimit> ulimits_of(HostConfig const&);
runtime::Limits limits_of(HostConfig const&);

// Fills in what the image says: a command, an environment, labels, a user (docker's merge of the two configs).
void inherit(ContainerConfig& config, oci::ImageConfig const& image);

nlohmann::ordered_json to_json(ContainerConfig const&);
nlohmann::ordered_json to_json(HostConfig const&);
Result<ContainerConfig> parse_config(nlohmann::ordered_json const&);
Result<HostConfig> parse_host_config(nlohmann::ordered_json const&);
// One for each option that has no effect here.
std::vector<std::string> warnings_about(nlohmann::ordered_json const& host);
Result<std::map<std::string, EndpointRequest>> parse_endpoints(nlohmann::ordered_json const& networking);

}
