#pragma once

// How often a guest left its CPU, by reason and by port. Counting is what happens at every exit; telling happens once
// in a while, for what has changed since.

#include "sim/trace/EventLog.h"

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

namespace drydock::vmm {

struct ExitKind {
    std::uint32_t reason { 0 }; // KVM_EXIT_…
    std::int32_t port { -1 };
    bool out { false };
    auto operator<=>(ExitKind const&) const = default;
};

// As linux/kvm.h names it, without KVM_EXIT_: "IO", "HLT".
std::string_view name_of_exit(std::uint32_t reason);

class ExitCounts {
public:
    void add(ExitKind const& kind);
    std::uint64_t total() const { return m_total; }
    std::uint64_t of(ExitKind const&) const;
    std::size_t kinds() const { return m_counts.size(); }
    // GuestExitsCounted for each kind whose count is another than it was the last time.
    void tell(GuestMachineId const&, trace::Publisher const&);
    std::vector<std::pair<ExitKind, std::uint64_t>> all() const; // the most frequent first

    // A guest can use every port in both directions; what is beyond this is counted as port -1.
    static constexpr std::size_t most_kinds = 256;

private:
    struct Count {
        std::uint64_t now { 0 };
        std::uint64_t told { 0 };
    };
    std::map<ExitKind, Count> m_counts;
    std::uint64_t m_total { 0 };
};

}
