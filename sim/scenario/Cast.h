#pragma once

// Who takes part: the machines, each with a daemon and a client of its own, and the registries beside the public hub.
// In the simulated world they are hosts of a modelled network; in the live world each has a network namespace of its
// own.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::scenario {

struct CastHost {
    std::string name;    // "laptop"
    bool tcp { false };  // its daemon also answers at tcp://NAME:2375, to everybody in the lab
    std::string disk {}; // a folder beside the scenario's file whose files lie on its disk at first; empty: none
    bool operator==(CastHost const&) const = default;
};

struct CastRegistry {
    std::string name; // what references begin with: "reg.corp"; "docker.io" is the hub
    std::string user; // whom it lets in; empty: everybody
    std::string password;
    std::vector<std::string> reachable_from; // hosts on this side of its firewall; empty: all
    bool is_reachable_from(std::string const& host) const
    {
        return reachable_from.empty()
            || std::find(reachable_from.begin(), reachable_from.end(), host) != reachable_from.end();
    }
    bool operator==(CastRegistry const&) const = default;
};

struct Cast {
    std::vector<CastHost> hosts { { .name = "laptop" } }; // commands that name no host are typed on the first
    std::vector<CastRegistry> registries;
    bool operator==(Cast const&) const = default;
};

inline constexpr std::string_view public_hub = "docker.io";
inline constexpr std::size_t most_hosts = 8, most_registries = 4;

// "test$ docker ps" is typed on the host test; without a prompt the host is empty.
struct TypedLine {
    std::string_view host;
    std::string_view command;
};
TypedLine parse_typed_line(std::string_view line);

}
