#pragma once

// A filter of somebody else's that stands in the way. dockerd sets the policy of iptables' chain FORWARD to DROP, and
// what one table accepts another may still drop (nft(8), "hook"): so our bridges need rules there as well. They go
// where dockerd leaves room for others', into DOCKER-USER, or else into FORWARD itself, and let through what our own
// table (Masquerade.h) has the last word on.

#include "sim/core/Result.h"

#include <mutex>
#include <optional>
#include <string>

namespace drydock::networking {

class ForeignFilter {
public:
    // `mark` is the comment of our rules, by which they are found again.
    explicit ForeignFilter(std::string mark);
    ~ForeignFilter(); // takes them back
    ForeignFilter(ForeignFilter const&) = delete;
    ForeignFilter& operator=(ForeignFilter const&) = delete;

    // Makes the rules if FORWARD drops by policy and they are not there. Cheap enough for every `docker info`, not for
    // every container. NotSupported where the policy is in the way and no rule can be made.
    Result<void> pass();

    // The rules of a daemon that was killed.
    static void remove(std::string const& mark);

private:
    std::string m_mark;
    std::mutex m_mutex;
};

}
