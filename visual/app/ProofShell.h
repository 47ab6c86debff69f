#pragma once

// Runs a proof beside the engine, as a person would in a terminal: `sh -c` with DOCKER_HOST and DATA_ROOT set, so that
// `docker` asks the daemon that is shown. Where no docker CLI is installed, the built-in client answers to the name.

#include "engine/os/Fd.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace drydock::app {

struct ShellPlace {
    std::string docker_host;
    std::filesystem::path data_root;
    std::filesystem::path program; // drydock itself
};

struct ShellOutput {
    std::string text;                      // of both streams, the first `output_kept` bytes
    bool cut { false };                    // there was more
    std::optional<std::int64_t> exit_code; // nothing: it had not ended in time and was ended; 128 + signal by a signal
};

inline constexpr std::size_t output_kept = 16 << 10;
inline constexpr std::chrono::seconds proof_time { 10 };

// Returns when the command has ended, the time is over, or `wanted` says no.
ShellOutput run_in_shell(std::string const& command, ShellPlace const&, std::chrono::milliseconds limit,
    std::function<bool()> const& wanted);

}
