#pragma once

// Who a container's program runs as: docker's `--user` text looked up in the container's own /etc/passwd and
// /etc/group. The host's users have nothing to do with it.

#include "sim/core/Result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::init {

struct Identity {
    std::uint32_t uid { 0 };
    std::uint32_t gid { 0 };
    std::vector<std::uint32_t> groups; // supplementary
    std::string home { "/" };
};

// `user`: "", "name", "uid", "name:group", "uid:gid"; `more_groups`: names or numbers, as --group-add has them.
// InvalidInput for a name that the files do not hold.
Result<Identity> resolve_identity(std::string_view user, std::string_view passwd, std::string_view group,
    std::vector<std::string> const& more_groups = {});

}
