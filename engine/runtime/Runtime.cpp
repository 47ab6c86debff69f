#include "engine/runtime/Runtime.h"

namespace drydock::runtime {

std::string loopback_hosts(std::string const& hostname)
{
    return "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.0.1\t" + hostname + "\n";
}

}
