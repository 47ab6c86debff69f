#pragma once

// What the applets share: options, and the way BusyBox says what went wrong.

#include "sim/kernel/Paths.h"
#include "sim/kernel/Programs.h"

#include <map>
#include <optional>

namespace drydock::kernel {

// "-la", "-n 5", "-n5", "--"; `spec` lists the letters, a colon behind one that takes a value, as getopt(3).
class Options {
public:
    Options(Args const& args, std::string_view spec);
    bool has(char letter) const { return m_values.contains(letter); }
    std::string value(char letter, std::string fallback = {}) const;
    Args const& operands() const { return m_operands; }
    std::optional<char> unknown() const { return m_unknown; }

private:
    std::map<char, std::string> m_values;
    Args m_operands;
    std::optional<char> m_unknown;
};

// "NAME: WORDS" on standard error; returns 1.
int complain(System&, Args const& args, std::string const& words);
// How BusyBox ends a program that is called wrongly.
int usage(System&, Args const& args, std::string_view synopsis);
// The content of each operand, of standard input where there is none or for "-"; `failed` says how a file's
// absence is reported.
template <class Visit, class Failed> void for_each_input(System& system, Args const& files, Visit visit, Failed failed)
{
    if (files.empty())
        visit(std::string(), system.read_all(0).value_or(std::string()));
    for (auto const& file : files) {
        auto content = file == "-" ? system.read_all(0) : system.read_file(file);
        if (content)
            visit(file, std::move(*content));
        else
            failed(file, content.error());
    }
}
std::vector<std::string> lines_of(std::string_view text); // without their newlines
std::string mode_text(Attributes const&);                 // "drwxr-xr-x"
std::string user_name(System&, std::uint32_t uid);        // from /etc/passwd, else the number
std::string group_name(System&, std::uint32_t gid);
std::optional<Owner> find_user(System&, std::string const& name_or_number);
std::optional<std::uint32_t> find_group(System&, std::string const& name_or_number);
std::string time_text(std::int64_t nanoseconds, char const* format); // strftime(3), UTC
std::optional<std::int64_t> parse_integer(std::string_view text);

using ProgramTable = std::map<std::string, Program>;
void add_file_applets(ProgramTable&);
void add_tree_applets(ProgramTable&);
void add_text_applets(ProgramTable&);
void add_system_applets(ProgramTable&);
void add_network_applets(ProgramTable&);
void add_privileged_applets(ProgramTable&);
int shell_program(System&, Args const&);
int test_program(System&, Args const&);

}
