#include "engine/runtime/Narrator.h"

#include "engine/init/Capabilities.h"

#include <sys/stat.h>

namespace drydock::runtime {

namespace {

template <class... Cases> struct Overloaded : Cases... {
    using Cases::operator()...;
};
template <class... Cases> Overloaded(Cases...) -> Overloaded<Cases...>;

std::uint64_t own_namespace(std::string const& kind)
{
    struct stat status { };
    return ::stat(("/proc/self/ns/" + kind).c_str(), &status) == 0 ? status.st_ino : 0;
}

std::string title_of(std::string const& phase)
{
    if (phase == "namespaces")
        return "Make namespaces";
    if (phase == "root")
        return "Build the root filesystem";
    if (phase == "privileges")
        return "Drop privileges";
    return "Execute the program";
}

}

Narrator::Narrator(trace::Publisher const& publisher, ContainerId container, std::vector<trace::Digest> lower,
    std::vector<std::string> refused)
    : m_publisher(publisher.as({ "init:" + std::string(container.short_form()) }))
    , m_container(std::move(container))
    , m_lower(std::move(lower))
    , m_refused(std::move(refused))
{
}

void Narrator::begin(std::string const& phase)
{
    m_phase.reset(); // before the next begins: the new span is its sibling, not its child
    m_phase.reset(new trace::Span(m_publisher.span(phase, title_of(phase), trace::Depth::Object)));
}

void Narrator::failed(std::string const& error)
{
    if (m_phase)
        m_phase->failed(error);
}

void Narrator::finish()
{
    m_phase.reset();
}

void Narrator::tell(init::Report const& report)
{
    std::visit(
        Overloaded {
            [&](init::PhaseReport const& r) { begin(r.name); },
            [&](init::SyscallReport const& r) {
                m_publisher.publish(trace::SyscallMade { m_container, r.call, r.arguments, r.result, r.error });
            },
            [&](init::NamespaceReport const& r) {
                m_publisher.publish(trace::NamespaceCreated { m_container, r.kind, r.inode, own_namespace(r.kind) });
            },
            [&](init::JoinedReport const& r) {
                m_publisher.publish(trace::NamespaceJoined { m_container, r.kind, r.inode, { r.owner } });
            },
            [&](init::IdMapReport const& r) {
                m_publisher.publish(trace::IdsMapped { m_container, r.file, r.text });
            },
            [&](init::UnionReport const& r) {
                m_publisher.publish(trace::UnionMounted { m_container, r.driver, m_lower, r.target });
            },
            [&](init::MountReport const& r) {
                m_publisher.publish(trace::MountMade { m_container, r.source, r.target, r.type, r.flags });
            },
            [&](init::PivotReport const& r) {
                m_publisher.publish(trace::RootPivoted { m_container, r.new_root });
            },
            [&](init::HostnameReport const& r) {
                m_publisher.publish(trace::HostnameSet { m_container, r.hostname });
            },
            [&](init::PrivilegesReport const& r) {
                m_publisher.publish(trace::PrivilegesDropped {
                    m_container, init::names_of(r.capabilities), r.no_new_privileges, r.filtered_syscalls, m_refused });
            },
            [&](init::WarningReport const& r) {
                m_publisher.publish(trace::WarningRaised { r.what, r.remedy });
            },
            // The rest is for LiveRuntime, which publishes what becomes of it.
            [](init::TerminalReport const&) {},
            [](init::ClonedReport const&) {},
            [](init::ExecutingReport const&) {},
            [](init::FailureReport const&) {},
            [](init::ExitReport const&) {},
        },
        report);
}

}
