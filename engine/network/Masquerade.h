#pragma once

// The way out of a bridge: this machine forwards what a container sends to the world outside and puts its own address
// on it (masquerade, nft(8)), since nobody out there knows where 172.17.0.2 is. From outside, and from one bridge to
// another, nothing gets in but answers. The rules stand in a table of our own in the kernel's nf_tables, made with the
// program nft; a network namespace has tables of its own, so a lab's host has too.

#include "engine/network/ForeignFilter.h"
#include "engine/network/Subnet.h"
#include "sim/core/Result.h"

#include <memory>
#include <string>

namespace drydock::networking {

enum class Reach : std::uint8_t { Outside, Inside }; // Inside: an internal network

class Masquerade {
public:
    // Makes the table, switches forwarding on, and removes the tables of daemons that were killed. NotSupported where
    // there is no nft, or the kernel has no nf_tables.
    static Result<std::unique_ptr<Masquerade>> begin();
    ~Masquerade(); // takes the table down; forwarding stays as it is, since others may count on it by now
    Masquerade(Masquerade const&) = delete;
    Masquerade& operator=(Masquerade const&) = delete;

    Result<void> add(Subnet const&, std::string const& bridge, Reach) const;
    Result<void> remove(Subnet const&, std::string const& bridge, Reach) const;
    // Lets our bridges through another program's filter, which may have come after us.
    Result<void> pass_foreign_filter() const { return m_foreign.pass(); }

private:
    explicit Masquerade(std::string table);
    std::string m_table; // "drydock-4711-4026531836-1": pid, the pid namespace that it counts in, which of its daemons
    mutable ForeignFilter m_foreign; // remembers nothing: it asks
};

}
