#include "engine/network/ForeignFilter.h"

#include "engine/network/Tool.h"

#include <sstream>
#include <vector>

namespace drydock::networking {

namespace {

constexpr char const* iptables = "/usr/sbin/iptables";
constexpr char const* bridges = "dd-+"; // NetworkRecord::interface()
constexpr char const* chains[] { "DOCKER-USER", "FORWARD" };

using Arguments = std::vector<std::string>;

// "-w": another program may be changing the tables just now.
Result<std::string> ask(Arguments arguments)
{
    arguments.insert(arguments.begin(), { iptables, "-w" });
    return say_to(arguments);
}

// What a container sends, and the answers to it.
std::vector<Arguments> rules(std::string const& mark)
{
    return { { "-i", bridges, "-m", "comment", "--comment", mark, "-j", "ACCEPT" },
        { "-o", bridges, "-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED", "-m", "comment", "--comment", mark,
            "-j", "ACCEPT" } };
}

Result<std::string> change(char const* verb, char const* chain, Arguments rule)
{
    rule.insert(rule.begin(), { verb, chain });
    return ask(std::move(rule));
}

}

ForeignFilter::ForeignFilter(std::string mark)
    : m_mark(std::move(mark))
{
}

ForeignFilter::~ForeignFilter()
{
    remove(m_mark);
}

Result<void> ForeignFilter::pass()
{
    std::lock_guard const lock(m_mutex);
    // Without iptables nobody has set a policy with it.
    auto const forward = ask({ "-S", "FORWARD" });
    if (!forward || !forward->starts_with("-P FORWARD DROP"))
        return {};
    auto const* const chain = ask({ "-S", "DOCKER-USER" }) ? chains[0] : chains[1];
    for (auto const& rule : rules(m_mark)) {
        if (!change("-C", chain, rule))
            TRY_WITH("the firewall drops what is forwarded", change("-I", chain, rule));
    }
    return {};
}

void ForeignFilter::remove(std::string const& mark)
{
    for (auto const* chain : chains) {
        auto const there = ask({ "-S", chain });
        if (!there || there->find(mark) == std::string::npos)
            continue;
        for (auto const& rule : rules(mark))
            static_cast<void>(change("-D", chain, rule)); // somebody may have flushed it
    }
}

}
