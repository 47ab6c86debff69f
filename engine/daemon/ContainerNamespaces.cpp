// Namespaces that a container shares: --pid, --ipc, --uts, --userns. The network has a file of its own.

#include "engine/daemon/ContainerManager.h"

namespace drydock::daemon {

namespace {

constexpr std::string_view of_container = "container:";

}

// The running container that `mode` names, "container:NAME".
Result<std::shared_ptr<Container>> ContainerManager::namespace_owner(std::string const& mode, char const* kind) const
{
    auto const refuse = [&](ErrorKind why, std::string const& words) {
        return fail(why, std::string("failed to join ") + kind + " namespace: " + words);
    };
    auto owner = find(mode.substr(of_container.size()));
    if (!owner) // "not found" would mean the command to whoever asked
        return refuse(ErrorKind::InvalidInput, owner.error().message());
    if ((*owner)->process() == nullptr)
        return refuse(ErrorKind::Conflict, "container " + (*owner)->id().value + " is not running");
    return *owner;
}

Result<void> ContainerManager::share_namespaces(runtime::LaunchSpec& spec, ContainerRecord const& record) const
{
    using kernel::NamespaceKind;
    auto const& host = record.host;
    auto const member = [](Container const& owner) -> Result<runtime::SharedNamespace> {
        auto const process = owner.process();
        if (process == nullptr)
            return fail(ErrorKind::Conflict, "container " + owner.id().value + " has just ended");
        return runtime::SharedNamespace { process->host_pid(), owner.id() };
    };
    if (host.uts_mode == "host")
        spec.shared[NamespaceKind::Uts] = {};
    if (host.userns_mode == "host")
        spec.shared[NamespaceKind::User] = {};
    if (host.pid_mode == "host")
        spec.shared[NamespaceKind::Pid] = {};
    if (host.pid_mode.starts_with(of_container)) {
        auto const owner = TRY(namespace_owner(host.pid_mode, "PID"));
        auto const whose = TRY(member(*owner));
        // What the other one has may itself be the host's.
        spec.shared[NamespaceKind::Pid] = owner->record().host.pid_mode == "host" ? runtime::SharedNamespace {} : whose;
    }
    spec.shm = host.ipc_mode != "none";
    if (host.ipc_mode == "host")
        spec.shared[NamespaceKind::Ipc] = {};
    if (host.ipc_mode.starts_with(of_container)) {
        auto const owner = TRY(namespace_owner(host.ipc_mode, "IPC"));
        if (owner->record().host.ipc_mode != "shareable")
            return fail(ErrorKind::InvalidInput,
                "failed to join IPC namespace: container " + owner->id().value
                    + ": non-shareable IPC (hint: use IpcMode:shareable for the donor container)");
        spec.shared[NamespaceKind::Ipc] = TRY(member(*owner));
    }
    return {};
}

}
