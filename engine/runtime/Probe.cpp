#include "engine/runtime/Probe.h"

#include "engine/runtime/Cgroup.h"
#include "engine/runtime/InitProcess.h"

#include <unistd.h>

#include <algorithm>

namespace drydock::runtime {

namespace {

std::string remedy_for(std::string const& subject)
{
    if (subject == "user namespaces")
        return "as root: sysctl -w user.max_user_namespaces=15000, and where they exist"
               " kernel.unprivileged_userns_clone=1 and kernel.apparmor_restrict_unprivileged_userns=0; or run as root";
    if (subject == "overlay")
        return "needs Linux 5.11 for ordinary users and the module: modprobe overlay; else use the fuse storage driver";
    if (subject == "fuse")
        return "modprobe fuse; chmod 666 /dev/fuse where it is for root alone; else the overlay storage driver is used";
    return "usermod -aG kvm USER; in a virtual machine, switch nested virtualization on; else the comparison is "
           "modelled";
}

Finding cgroups_finding()
{
    auto const cgroups = Cgroups::discover();
    Finding finding { "cgroups", cgroups.has("pids") && cgroups.has("memory"), {}, {} };
    for (auto const& tree : cgroups.trees()) {
        finding.detail += (finding.detail.empty() ? "v" : ", v") + std::to_string(tree.version) + " "
            + tree.base.parent_path().string();
        for (auto const& controller : tree.controllers)
            finding.detail += " " + controller;
    }
    if (cgroups.trees().empty())
        finding.detail = "no cgroup may be written";
    if (!finding.works)
        finding.remedy = "run as root, or below a delegated cgroup: systemd-run --user --scope -p Delegate=yes; else"
                         " containers run without limits";
    return finding;
}

}

Result<std::vector<Finding>> probe(std::filesystem::path const& init_program)
{
    auto const program = TRY(InitProgram::load(init_program));
    auto init = TRY(InitProcess::start_probe(program));
    std::vector<Finding> findings;
    while (auto arrival = TRY(init.control().next())) {
        if (auto const* phase = std::get_if<init::PhaseReport>(&arrival->report)) {
            findings.push_back({ phase->name, true, "works", {} });
        } else if (auto const* failure = std::get_if<init::FailureReport>(&arrival->report);
                   failure && !findings.empty()) {
            auto const error = Error::from_errno(failure->call, failure->error).with_context(failure->message);
            findings.back() = { findings.back().subject, false, error.message(), remedy_for(findings.back().subject) };
        }
    }
    findings.push_back(cgroups_finding());
    return findings;
}

std::optional<Finding> obstacle_to_live(std::vector<Finding> const& findings)
{
    auto const find = [&](std::string_view subject) -> Finding const* {
        auto const found
            = std::find_if(findings.begin(), findings.end(), [&](auto const& f) { return f.subject == subject; });
        return found == findings.end() ? nullptr : &*found;
    };
    // Root needs no user namespace for the others.
    if (auto const* users = find("user namespaces"); users != nullptr && !users->works && ::geteuid() != 0)
        return *users;
    auto const* overlay = find("overlay");
    auto const* fuse = find("fuse");
    if (overlay != nullptr && !overlay->works && fuse != nullptr && !fuse->works)
        return *overlay;
    return std::nullopt;
}

}
