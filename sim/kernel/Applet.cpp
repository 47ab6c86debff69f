#include "sim/kernel/Applet.h"

#include <array>
#include <charconv>
#include <ctime>

namespace drydock::kernel {

Options::Options(Args const& args, std::string_view spec)
{
    std::size_t i = 1;
    for (; i < args.size(); ++i) {
        auto const& arg = args[i];
        if (arg == "--") {
            ++i;
            break;
        }
        if (arg.size() < 2 || arg[0] != '-') {
            m_operands.push_back(arg); // as GNU and BusyBox do, options may follow operands
            continue;
        }
        for (std::size_t at = 1; at < arg.size(); ++at) {
            auto const known = spec.find(arg[at]);
            if (known == std::string_view::npos || arg[at] == ':') {
                m_unknown = arg[at];
                return;
            }
            auto& value = m_values[arg[at]];
            if (known + 1 >= spec.size() || spec[known + 1] != ':')
                continue;
            value = arg.substr(at + 1);
            if (value.empty() && i + 1 < args.size())
                value = args[++i];
            break;
        }
    }
    for (; i < args.size(); ++i)
        m_operands.push_back(args[i]);
}

std::string Options::value(char letter, std::string fallback) const
{
    auto const found = m_values.find(letter);
    if (found != m_values.end())
        return found->second;
    return fallback;
}

int complain(System& system, Args const& args, std::string const& words)
{
    system.complain(args[0] + ": " + words + "\n");
    return 1;
}

int usage(System& system, Args const& args, std::string_view synopsis)
{
    system.complain(
        "BusyBox v1.35.0 (simulated) multi-call binary.\n\nUsage: " + args[0] + " " + std::string(synopsis) + "\n");
    return 1;
}

std::vector<std::string> lines_of(std::string_view text)
{
    std::vector<std::string> lines;
    while (!text.empty()) {
        auto const end = text.find('\n');
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

std::string mode_text(Attributes const& attributes)
{
    constexpr std::string_view types = "-dlcbps";
    std::string text(1, types[static_cast<std::size_t>(attributes.type)]);
    for (int bit = 8; bit >= 0; --bit)
        text += (attributes.mode >> static_cast<unsigned>(bit) & 1U) != 0 ? "rwx"[static_cast<std::size_t>(8 - bit) % 3]
                                                                          : '-';
    auto const special = [&](std::uint32_t mask, std::size_t at, char letter) {
        if ((attributes.mode & mask) != 0)
            text[at] = text[at] == 'x' ? letter : static_cast<char>(letter - 'a' + 'A');
    };
    special(04000, 3, 's');
    special(02000, 6, 's');
    special(01000, 9, 't');
    return text;
}

namespace {

// A line of /etc/passwd or /etc/group whose field `at` equals `key`, taken apart.
std::optional<std::vector<std::string>> find_entry(
    System& system, std::string const& file, std::size_t at, std::string const& key)
{
    auto const content = system.read_file(file);
    if (!content)
        return std::nullopt;
    for (auto const& line : lines_of(*content)) {
        std::vector<std::string> fields(1);
        for (char const c : line) {
            if (c == ':')
                fields.emplace_back();
            else
                fields.back() += c;
        }
        if (fields.size() > std::max<std::size_t>(at, 2) && fields[at] == key)
            return fields;
    }
    return std::nullopt;
}

std::string name_in(System& system, std::string const& file, std::uint32_t id)
{
    auto const entry = find_entry(system, file, 2, std::to_string(id));
    return entry ? entry->front() : std::to_string(id);
}

}

std::string user_name(System& system, std::uint32_t uid)
{
    return name_in(system, "/etc/passwd", uid);
}

std::string group_name(System& system, std::uint32_t gid)
{
    return name_in(system, "/etc/group", gid);
}

std::optional<Owner> find_user(System& system, std::string const& name_or_number)
{
    if (auto const number = parse_integer(name_or_number)) {
        auto const entry = find_entry(system, "/etc/passwd", 2, name_or_number);
        auto const gid = entry && entry->size() > 3 ? parse_integer((*entry)[3]) : std::nullopt;
        return Owner { static_cast<std::uint32_t>(*number), static_cast<std::uint32_t>(gid.value_or(0)) };
    }
    auto const entry = find_entry(system, "/etc/passwd", 0, name_or_number);
    if (!entry || entry->size() < 4)
        return std::nullopt;
    return Owner { static_cast<std::uint32_t>(parse_integer((*entry)[2]).value_or(0)),
        static_cast<std::uint32_t>(parse_integer((*entry)[3]).value_or(0)) };
}

std::optional<std::uint32_t> find_group(System& system, std::string const& name_or_number)
{
    if (auto const number = parse_integer(name_or_number))
        return static_cast<std::uint32_t>(*number);
    auto const entry = find_entry(system, "/etc/group", 0, name_or_number);
    return entry ? std::optional(static_cast<std::uint32_t>(parse_integer((*entry)[2]).value_or(0))) : std::nullopt;
}

std::string time_text(std::int64_t nanoseconds, char const* format)
{
    std::time_t const seconds = nanoseconds / 1'000'000'000;
    std::tm parts {};
    gmtime_r(&seconds, &parts);
    std::array<char, 128> text {};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" // date's format is the user's
    return { text.data(), std::strftime(text.data(), text.size(), format, &parts) };
#pragma GCC diagnostic pop
}

std::optional<std::int64_t> parse_integer(std::string_view text)
{
    std::int64_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc {} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

namespace {

int busybox_program(System& system, Args const& args)
{
    if (args.size() > 1 && args[1] != "--list")
        return complain(system, { args[1] }, "applet not found") + 126;
    if (args.size() == 1)
        system.print("BusyBox v1.35.0 (simulated) multi-call binary.\n\nCurrently defined functions:\n");
    for (auto const& [name, program] : programs())
        system.print(name + "\n");
    return 0;
}

}

std::map<std::string, Program> const& programs()
{
    static ProgramTable const table = [] {
        ProgramTable all { { "sh", shell_program }, { "ash", shell_program }, { "test", test_program },
            { "[", test_program }, { "busybox", busybox_program } };
        add_file_applets(all);
        add_tree_applets(all);
        add_text_applets(all);
        add_system_applets(all);
        add_network_applets(all);
        add_privileged_applets(all);
        return all;
    }();
    return table;
}

}
