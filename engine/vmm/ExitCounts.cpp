#include "engine/vmm/ExitCounts.h"

#include <linux/kvm.h>

#include <algorithm>

namespace drydock::vmm {

std::string_view name_of_exit(std::uint32_t reason)
{
    switch (reason) {
    case KVM_EXIT_UNKNOWN: return "UNKNOWN";
    case KVM_EXIT_EXCEPTION: return "EXCEPTION";
    case KVM_EXIT_IO: return "IO";
    case KVM_EXIT_HYPERCALL: return "HYPERCALL";
    case KVM_EXIT_DEBUG: return "DEBUG";
    case KVM_EXIT_HLT: return "HLT";
    case KVM_EXIT_MMIO: return "MMIO";
    case KVM_EXIT_IRQ_WINDOW_OPEN: return "IRQ_WINDOW_OPEN";
    case KVM_EXIT_SHUTDOWN: return "SHUTDOWN";
    case KVM_EXIT_FAIL_ENTRY: return "FAIL_ENTRY";
    case KVM_EXIT_INTR: return "INTR";
    case KVM_EXIT_INTERNAL_ERROR: return "INTERNAL_ERROR";
    case KVM_EXIT_SYSTEM_EVENT: return "SYSTEM_EVENT";
    default: return "OTHER";
    }
}

void ExitCounts::add(ExitKind const& kind)
{
    ++m_total;
    auto const known = m_counts.find(kind);
    if (known != m_counts.end())
        ++known->second.now;
    else if (m_counts.size() < most_kinds)
        m_counts[kind].now = 1;
    else
        ++m_counts[{ .reason = kind.reason }].now;
}

std::uint64_t ExitCounts::of(ExitKind const& kind) const
{
    auto const found = m_counts.find(kind);
    return found == m_counts.end() ? 0 : found->second.now;
}

void ExitCounts::tell(GuestMachineId const& machine, trace::Publisher const& publisher)
{
    for (auto& [kind, count] : m_counts) {
        if (count.now == count.told)
            continue;
        count.told = count.now;
        publisher.publish(trace::GuestExitsCounted {
            machine, std::string(name_of_exit(kind.reason)), kind.port, kind.out, count.now });
    }
}

std::vector<std::pair<ExitKind, std::uint64_t>> ExitCounts::all() const
{
    std::vector<std::pair<ExitKind, std::uint64_t>> list;
    for (auto const& [kind, count] : m_counts)
        list.emplace_back(kind, count.now);
    std::stable_sort(list.begin(), list.end(), [](auto const& a, auto const& b) { return a.second > b.second; });
    return list;
}

}
