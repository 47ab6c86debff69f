#pragma once

// Signals by their Linux numbers; see signal(7).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drydock::kernel {

constexpr int sighup = 1, sigint = 2, sigkill = 9, sigpipe = 13, sigterm = 15, sigchld = 17, sigcont = 18, sigstop = 19;
constexpr int last_signal = 31;

// What a signal does to a process that neither handles nor ignores it.
enum class DefaultAction : std::uint8_t { Terminate, Ignore, Stop, Continue };
DefaultAction default_action(int signal);

std::string signal_name(int signal); // "TERM"
// "TERM", "SIGTERM", "term" or "15"; 0 is a signal here, as for kill(2).
std::optional<int> parse_signal(std::string_view text);

}
