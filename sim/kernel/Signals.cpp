#include "sim/kernel/Signals.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace drydock::kernel {

namespace {
constexpr std::array<std::string_view, last_signal + 1> names { "EXIT", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT",
    "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP",
    "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "POLL", "PWR", "SYS" };
}

DefaultAction default_action(int signal)
{
    switch (signal) {
    case 17: // CHLD
    case 23: // URG
    case 28: // WINCH
        return DefaultAction::Ignore;
    case sigcont: return DefaultAction::Continue;
    case sigstop:
    case 20: // TSTP
    case 21: // TTIN
    case 22: // TTOU
        return DefaultAction::Stop;
    default: return DefaultAction::Terminate;
    }
}

std::string signal_name(int signal)
{
    if (signal < 0 || signal > last_signal)
        return std::to_string(signal);
    return std::string(names[static_cast<std::size_t>(signal)]);
}

std::optional<int> parse_signal(std::string_view text)
{
    int number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc {} && end == text.data() + text.size())
        return number >= 0 && number <= last_signal ? std::optional(number) : std::nullopt;
    std::string upper(text);
    std::transform(upper.begin(), upper.end(), upper.begin(),
        [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    auto const found = std::find(names.begin(), names.end(), upper.starts_with("SIG") ? upper.substr(3) : upper);
    return found == names.end() ? std::nullopt : std::optional(static_cast<int>(found - names.begin()));
}

}
