// --link: another container's address under a name of one's own, as it was before there were networks with names. On
// the default network its variables come along as well ("DB_PORT_5432_TCP_ADDR").

#include "engine/daemon/ContainerManager.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <sstream>

namespace drydock::daemon {

namespace {

struct Link {
    std::string target; // a name as it was typed; in a record, the id
    std::string alias;
};

// "db:data" or "db", which is its own alias.
Link parse_link(std::string const& text)
{
    auto const colon = text.find(':');
    auto const target = text.substr(text.starts_with('/') ? 1 : 0, colon - (text.starts_with('/') ? 1 : 0));
    return { target, colon == std::string::npos ? target : text.substr(colon + 1) };
}

std::string variable_prefix(std::string alias)
{
    std::replace(alias.begin(), alias.end(), '-', '_');
    std::transform(alias.begin(), alias.end(), alias.begin(), [](unsigned char c) { return std::toupper(c); });
    return alias;
}

// hosts(5) with another address where the line's first name is `alias`.
std::string with_address(std::string const& hosts, std::string const& alias, std::string const& address)
{
    std::string text;
    std::istringstream lines(hosts);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string old;
        std::string name;
        words >> old >> name;
        text += (name == alias && !old.starts_with('#') ? address + line.substr(line.find(old) + old.size()) : line)
            + "\n";
    }
    return text;
}

void add_variables(std::vector<std::string>& env, ContainerRecord const& mine, Link const& link,
    ContainerRecord const& other, std::string const& address)
{
    auto const prefix = variable_prefix(link.alias);
    env.push_back(fmt::format("{}_NAME=/{}/{}", prefix, mine.name, link.alias));
    auto ports = other.config.exposed_ports;
    for (auto const& [port, bindings] : other.host.ports)
        ports.push_back(port);
    std::sort(ports.begin(), ports.end(), [](auto const& a, auto const& b) { return std::stoi(a) < std::stoi(b); });
    ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
    for (auto const& port : ports) {
        auto const number = port.substr(0, port.find('/'));
        auto const protocol = port.substr(port.find('/') + 1);
        auto const url = fmt::format("{}://{}:{}", protocol, address, number);
        auto const its = fmt::format("{}_PORT_{}_{}", prefix, number, variable_prefix(protocol));
        if (port == ports.front())
            env.push_back(fmt::format("{}_PORT={}", prefix, url));
        env.push_back(fmt::format("{}={}", its, url));
        env.push_back(fmt::format("{}_ADDR={}", its, address));
        env.push_back(fmt::format("{}_PORT={}", its, number));
        env.push_back(fmt::format("{}_PROTO={}", its, protocol));
    }
    for (auto const& variable : other.config.env) {
        if (!variable.starts_with("HOME=") && !variable.starts_with("PATH="))
            env.push_back(fmt::format("{}_ENV_{}", prefix, variable));
    }
}

}

// From here on a link means the container, whatever it is called later.
Result<void> ContainerManager::resolve_links(HostConfig& host) const
{
    for (auto& text : host.links) {
        auto const link = parse_link(text);
        auto const other = find(link.target);
        if (!other) // "not found" would make a client pull the image
            return fail(
                ErrorKind::InvalidInput, "could not get container for " + link.target + ": " + other.error().message());
        text = (*other)->id().value + ":" + link.alias;
    }
    return {};
}

Result<void> ContainerManager::add_links(runtime::LaunchSpec& spec, ContainerRecord const& record) const
{
    auto const mine = m_parts.networks.endpoints(record.id);
    for (auto const& text : record.host.links) {
        auto const link = parse_link(text);
        auto const found = find(link.target);
        if (!found)
            continue; // it was removed, and the link with it
        auto const other = (*found)->record();
        auto const theirs = m_parts.networks.endpoints(other.id);
        auto const shared = std::find_if(theirs.begin(), theirs.end(), [&](NetworkEndpoint const& endpoint) {
            return std::any_of(
                mine.begin(), mine.end(), [&](NetworkEndpoint const& own) { return own.network == endpoint.network; });
        });
        bool const by_default = record.host.network_mode == "bridge";
        if (shared == theirs.end() && !other.state.running() && by_default)
            return fail(ErrorKind::Conflict,
                fmt::format(
                    "Cannot link to a non running container: /{} AS /{}/{}", other.name, record.name, link.alias));
        if (shared == theirs.end() && by_default)
            return fail(ErrorKind::InvalidInput,
                fmt::format("Cannot link to /{}, as it does not belong to the default network", other.name));
        if (shared == theirs.end())
            continue; // a network with names finds it when it comes
        auto const address = networking::to_text(shared->address);
        spec.hosts += fmt::format("{}\t{} {}{}\n", address, link.alias, other.config.hostname,
            link.alias == other.name ? "" : " " + other.name);
        if (by_default)
            add_variables(spec.env, record, link, other, address);
    }
    return {};
}

// Those that run and are linked to it learn its address, which may be another one than before.
void ContainerManager::tell_linked(ContainerId const& id) const
{
    auto const theirs = m_parts.networks.endpoints(id);
    for (auto const& container : list()) {
        auto const process = container->process();
        auto const mine = m_parts.networks.endpoints(container->id());
        for (auto const& text : container->record().host.links) {
            auto const link = parse_link(text);
            auto const shared = std::find_if(theirs.begin(), theirs.end(), [&](NetworkEndpoint const& endpoint) {
                return std::any_of(mine.begin(), mine.end(),
                    [&](NetworkEndpoint const& own) { return own.network == endpoint.network; });
            });
            if (link.target != id.value || process == nullptr || shared == theirs.end())
                continue;
            // It may end meanwhile, and then nobody reads it any more.
            static_cast<void>(process->rewrite_file("/etc/hosts", [&](std::string const& hosts) {
                return with_address(hosts, link.alias, networking::to_text(shared->address));
            }));
        }
    }
}

std::vector<std::string> ContainerManager::links_of(ContainerRecord const& record) const
{
    std::vector<std::string> links;
    for (auto const& text : record.host.links) {
        auto const link = parse_link(text);
        if (auto const other = find(link.target))
            links.push_back(fmt::format("/{}:/{}/{}", (*other)->record().name, record.name, link.alias));
    }
    return links;
}

}
