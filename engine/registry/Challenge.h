#pragma once

// How a registry says that it wants to know who asks: 401 and one or more challenges in WWW-Authenticate
// (RFC 9110, 11.6.1).
//
//   Basic realm="registry"
//   Bearer realm="https://auth.example/token",service="registry.example",scope="repository:app:pull"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::registry {

struct Challenge {
    std::string scheme;                            // in lower case
    std::map<std::string, std::string> parameters; // names in lower case

    std::string get(std::string const& name) const;
};

// What cannot be understood is left out; a hostile header is at worst an empty list.
std::vector<Challenge> parse_challenges(std::string_view header);

}
