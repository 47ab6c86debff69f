#include "engine/network/Masquerade.h"

#include "engine/network/Tool.h"
#include "engine/os/ReadText.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <fstream>
#include <sstream>

namespace drydock::networking {

namespace {

constexpr char const* program = "/usr/sbin/nft";
constexpr char const* forwarding = "/proc/sys/net/ipv4/ip_forward";
constexpr std::string_view prefix = "drydock-";

// What nft says to these commands.
Result<std::string> nft(std::string const& commands)
{
    return say_to({ program, commands });
}

std::uint64_t pid_namespace()
{
    struct stat status { };
    return ::stat("/proc/self/ns/pid", &status) == 0 ? status.st_ino : 0;
}

bool is_orphan(std::string_view table)
{
    pid_t pid = 0;
    std::uint64_t space = 0;
    char dash = 0;
    std::istringstream words { std::string(table.substr(prefix.size())) };
    words >> pid >> dash >> space;
    return words && space == pid_namespace() && pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH;
}

// "table ip drydock-4711-4026531836", a line each
void remove_orphans(std::string const& tables)
{
    std::istringstream lines(tables);
    for (std::string kind, family, name; lines >> kind >> family >> name;) {
        if (!name.starts_with(prefix) || !is_orphan(name))
            continue;
        ForeignFilter::remove(name);
        static_cast<void>(nft("delete table ip " + name)); // another daemon may have been faster
    }
}

bool forwards()
{
    return os::read_text(forwarding).starts_with('1');
}

std::string rules_of(std::string const& table)
{
    std::string rules;
    auto const say = [&](std::string_view verb, std::string const& what) {
        rules += fmt::format("{} ip {} {}\n", verb, table, what);
    };
    rules += "add table ip " + table + "\n";
    say("add set", "inside { type ipv4_addr; flags interval; }");
    say("add set", "outbound { type ipv4_addr; flags interval; }");
    say("add set", "same { type ifname . ifname; }");
    say("add chain", "out { type nat hook postrouting priority 100; }");
    say("add rule", "out ip saddr @outbound ip daddr != @inside masquerade");
    say("add chain", "through { type filter hook forward priority 0; }");
    say("add rule", "through iifname . oifname @same accept");
    say("add rule", "through ip daddr @inside ct state established,related accept");
    say("add rule", "through ip daddr @inside drop");
    say("add rule", "through ip saddr @outbound accept");
    say("add rule", "through ip saddr @inside drop");
    return rules;
}

std::string elements(
    std::string_view verb, std::string const& table, Subnet const& subnet, std::string const& bridge, Reach reach)
{
    auto text = fmt::format("{0} element ip {1} inside {{ {2} }}\n{0} element ip {1} same {{ \"{3}\" . \"{3}\" }}\n",
        verb, table, subnet.to_string(), bridge);
    if (reach == Reach::Outside)
        text += fmt::format("{} element ip {} outbound {{ {} }}\n", verb, table, subnet.to_string());
    return text;
}

}

Masquerade::Masquerade(std::string table)
    : m_table(std::move(table))
    , m_foreign(m_table)
{
}

Result<std::unique_ptr<Masquerade>> Masquerade::begin()
{
    remove_orphans(TRY(nft("list tables ip")));
    static std::atomic<unsigned> daemons { 0 };
    auto table = fmt::format("{}{}-{}-{}", prefix, ::getpid(), pid_namespace(), ++daemons);
    static_cast<void>(nft("delete table ip " + table)); // of a process that had our number before
    TRY(nft(rules_of(table)));
    std::unique_ptr<Masquerade> made(new Masquerade(std::move(table)));
    if (!forwards() && !(std::ofstream(forwarding) << "1\n" << std::flush))
        return fail(ErrorKind::NotSupported, std::string(forwarding) + " cannot be written");
    return made;
}

Masquerade::~Masquerade()
{
    static_cast<void>(nft("delete table ip " + m_table));
}

Result<void> Masquerade::add(Subnet const& subnet, std::string const& bridge, Reach reach) const
{
    static_cast<void>(m_foreign.pass()); // `docker info` says so where it fails
    TRY(nft(elements("add", m_table, subnet, bridge, reach)));
    return {};
}

Result<void> Masquerade::remove(Subnet const& subnet, std::string const& bridge, Reach reach) const
{
    TRY(nft(elements("delete", m_table, subnet, bridge, reach)));
    return {};
}

}
