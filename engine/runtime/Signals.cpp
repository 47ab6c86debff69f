#include "engine/runtime/Signals.h"

#include <array>
#include <charconv>
#include <csignal>
#include <utility>

namespace drydock::runtime {

namespace {

constexpr std::array<std::pair<std::string_view, int>, 31> signal_names { {
    { "HUP", SIGHUP },
    { "INT", SIGINT },
    { "QUIT", SIGQUIT },
    { "ILL", SIGILL },
    { "TRAP", SIGTRAP },
    { "ABRT", SIGABRT },
    { "BUS", SIGBUS },
    { "FPE", SIGFPE },
    { "KILL", SIGKILL },
    { "USR1", SIGUSR1 },
    { "SEGV", SIGSEGV },
    { "USR2", SIGUSR2 },
    { "PIPE", SIGPIPE },
    { "ALRM", SIGALRM },
    { "TERM", SIGTERM },
    { "STKFLT", 16 },
    { "CHLD", SIGCHLD },
    { "CONT", SIGCONT },
    { "STOP", SIGSTOP },
    { "TSTP", SIGTSTP },
    { "TTIN", SIGTTIN },
    { "TTOU", SIGTTOU },
    { "URG", SIGURG },
    { "XCPU", SIGXCPU },
    { "XFSZ", SIGXFSZ },
    { "VTALRM", SIGVTALRM },
    { "PROF", SIGPROF },
    { "WINCH", SIGWINCH },
    { "IO", SIGIO },
    { "PWR", 30 },
    { "SYS", SIGSYS },
} };
constexpr int last_signal = 64; // SIGRTMAX of Linux

std::string upper_case(std::string_view text)
{
    std::string upper(text);
    for (char& c : upper)
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return upper;
}

}

Result<int> parse_signal(std::string_view text)
{
    int number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size() && number > 0 && number <= last_signal)
        return number;
    std::string const upper = upper_case(text);
    std::string_view const name
        = std::string_view(upper).starts_with("SIG") ? std::string_view(upper).substr(3) : upper;
    for (auto const& [known, signal] : signal_names) {
        if (known == name)
            return signal;
    }
    return fail(ErrorKind::InvalidInput, "invalid signal: " + std::string(text));
}

}
