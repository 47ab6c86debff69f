#pragma once

// config.json of a bundle, as the OCI runtime specification (1.0.2) has it, read once and turned into an order for
// drydock-init. What we cannot do is refused with the field's name where leaving it out would give the container more
// than it was meant to have; a property that the specification does not know is ignored, as it demands.

#include "engine/init/Protocol.h"
#include "sim/core/Result.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::bundle {

struct Hook {
    std::string path;
    std::vector<std::string> args;
    std::vector<std::string> env;
    std::uint64_t timeout { 0 }; // seconds; 0: as long as it takes
};

struct Hooks {
    std::vector<Hook> prestart;
    std::vector<Hook> create_runtime;
    std::vector<Hook> create_container; // inside, before the change of root
    std::vector<Hook> start_container;  // inside
    std::vector<Hook> poststart;
    std::vector<Hook> poststop;
};

// One limit, as the two versions of cgroups spell it; an empty file where one of them has no such thing.
struct CgroupSetting {
    std::string field; // "linux.resources.memory.limit"
    std::string v1_file;
    std::string v1_text;
    std::string v2_file;
    std::string v2_text;
};

// In the words of cgroup v1's devices.allow: "c 1:3 rwm".
struct DeviceRule {
    bool allow { false };
    std::string text;
};

struct Config {
    std::map<std::string, std::string> annotations;
    init::Spec order;
    bool has_process { false };
    std::optional<std::int64_t> oom_score_adjustment;
    std::string uid_map; // of a new user namespace, as /proc/PID/uid_map takes it; else empty
    std::string gid_map;
    std::string cgroups_path;
    std::vector<CgroupSetting> limits;
    std::vector<DeviceRule> device_rules;
    Hooks hooks;
    std::vector<std::string> warnings;
    std::vector<std::string> notes; // less than asked for, and harmless
};

Result<Config> read_config(std::string_view text, std::filesystem::path const& bundle);
// A process.json of `exec`, into an order that has everything else.
Result<void> read_process(std::string_view text, Config&);

}
