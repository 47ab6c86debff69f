// Bench, as far as it breaks things on purpose. What breaks is the real thing: a listener that is closed, a byte of a
// stored blob, a disk without room, a daemon that is gone; the consequences are nobody's script.

#include "engine/lab/Bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

namespace drydock::lab {

namespace {

constexpr std::string_view name_of(Fault fault)
{
    switch (fault) {
    case Fault::RegistryDown: return "registry down";
    case Fault::LinkCut: return "link cut";
    case Fault::BlobCorrupted: return "blob corrupted";
    case Fault::DiskFull: return "disk full";
    case Fault::DaemonKilled: return "daemon killed";
    case Fault::RightsTaken: return "rights taken";
    }
    return "";
}

// Breaking what is broken and mending what is whole are mistakes of whoever asks.
Result<void> expect(FaultDo wanted, bool is_broken, std::string const& what)
{
    if (wanted == FaultDo::Break && is_broken)
        return fail(ErrorKind::Conflict, what + " already");
    if (wanted == FaultDo::Mend && !is_broken)
        return fail(ErrorKind::Conflict, "nothing to mend: not " + what);
    return {};
}

std::string blob_key(std::string const& hex)
{
    return "blobs/sha256/" + hex;
}

// What is made on a machine is made by one of its tasks: in the live world that is in its network namespace.
Result<void> made_on(Scheduler& scheduler, std::function<Result<void>()> const& make)
{
    Result<void> made;
    scheduler.spawn("lab", [&] { made = make(); })->join();
    return made;
}

// In its middle: a header that no longer parses would tell more than it should.
Result<void> flip_a_bit(content::Storage& storage, std::string const& hex)
{
    auto bytes = TRY(storage.read(blob_key(hex), std::uint64_t { 1 } << 30));
    if (bytes.empty())
        return fail(ErrorKind::NotSupported, "an empty blob has nothing to corrupt");
    auto& byte = bytes[bytes.size() / 2];
    byte = static_cast<char>(byte ^ 1);
    return storage.write_atomically(blob_key(hex), bytes);
}

}

Result<Bench::Registry*> Bench::registry_called(std::string const& name)
{
    for (auto& its : m_registries) {
        if (its.place.cast.name == name || (name == "hub" && its.place.cast.name == scenario::public_hub))
            return &its;
    }
    return fail(ErrorKind::NotFound, "no registry is called " + name);
}

Result<Bench::Machine*> Bench::machine_called(std::string const& name)
{
    auto const found = m_machines.find(HostId { name });
    if (found == m_machines.end())
        return fail(ErrorKind::NotFound, "no host is called " + name);
    return found->second.get();
}

Result<std::string> Bench::set_registry(FaultDo wanted, std::string const& name)
{
    auto& its = *TRY(registry_called(name));
    TRY(expect(wanted, its.server == nullptr, name + " is down"));
    if (wanted == FaultDo::Break) {
        its.server.reset();
    } else {
        auto const listen = [&]() -> Result<void> {
            serve(its, TRY(its.place.network.listen(its.place.host, its.endpoint)));
            return {};
        };
        TRY(made_on(its.place.scheduler, listen));
    }
    return its.actor.value;
}

Result<std::string> Bench::set_link(FaultDo wanted, std::string const& a, std::string const& b)
{
    auto const host = [this](std::string const& name) -> Result<HostId> {
        if (m_machines.contains(HostId { name }))
            return HostId { name };
        return TRY_WITH("looking for the end of a link", registry_called(name))->place.host;
    };
    auto const one = TRY(host(a)).value;
    auto const other = TRY(host(b)).value;
    auto const ends = std::minmax(one, other);
    auto link = fmt::format("{} - {}", ends.first, ends.second);
    TRY(expect(wanted, m_cut_links.contains(link), "the link " + link + " is cut"));
    TRY(m_cut_link(wanted, HostId { ends.first }, HostId { ends.second }));
    if (wanted == FaultDo::Break)
        m_cut_links.insert(link);
    else
        m_cut_links.erase(link);
    return link;
}

// `what` is a digest or its beginning, or an image: then its largest layer.
Result<std::string> Bench::set_blob(FaultDo wanted, std::string const& what)
{
    std::string hex = what.starts_with("sha256:") ? what.substr(7) : what;
    Registry* owner = nullptr;
    if (hex.size() >= 6 && hex.find_first_not_of("0123456789abcdef") == std::string::npos) {
        for (auto& its : m_registries) {
            for (auto const& name : its.place.storage.list("blobs/sha256")) {
                if (owner == nullptr && name.starts_with(hex)) {
                    hex = name;
                    owner = &its;
                }
            }
        }
        if (owner == nullptr)
            return fail(ErrorKind::NotFound, "no registry has a blob " + hex);
    } else {
        auto const reference = TRY(oci::Reference::parse(what));
        owner = TRY(registry_called(reference.registry));
        hex = TRY(owner->registry->largest_layer(reference.repository, reference.tag)).digest.hex();
    }
    TRY(expect(wanted, m_corrupt_blobs.contains(hex), "blob " + hex.substr(0, 12) + " is corrupt"));
    TRY(flip_a_bit(owner->place.storage, hex));
    if (wanted == FaultDo::Break)
        m_corrupt_blobs.insert(hex);
    else
        m_corrupt_blobs.erase(hex);
    return "sha256:" + hex;
}

Result<std::string> Bench::set_disk(FaultDo wanted, std::string const& host)
{
    auto& machine = *TRY(machine_called(host));
    TRY(expect(wanted, machine.disk_is_full, "the disk of " + host + " is full"));
    machine.disk_is_full = wanted == FaultDo::Break;
    return machine.actor.value;
}

// Its containers go with it (docs/decisions/0003), and the next daemon finds what it finds.
Result<std::string> Bench::set_daemon(FaultDo wanted, std::string const& host)
{
    auto& machine = *TRY(machine_called(host));
    TRY(expect(wanted, machine.daemon == nullptr, "the daemon of " + host + " is dead"));
    if (wanted == FaultDo::Mend) {
        TRY(made_on(machine.place.scheduler, [&] { return start(machine); }));
        return machine.actor.value;
    }
    machine.daemon->shut_down();
    machine.tcp_server.reset();
    machine.server.reset();
    machine.daemon.reset();
    return machine.actor.value;
}

Result<std::unique_ptr<network::ByteStream>> RightsGuard::connect(HostId const& from, network::Endpoint const& to)
{
    if (m_shut && to.kind == network::Endpoint::Kind::Unix)
        return failed("connect(2)", EACCES);
    return m_network.connect(from, to);
}

Result<std::unique_ptr<network::Listener>> RightsGuard::listen(HostId const& on, network::Endpoint const& at)
{
    return m_network.listen(on, at);
}

Result<std::string> Bench::set_rights(FaultDo wanted, std::string const& host)
{
    auto& machine = *TRY(machine_called(host));
    TRY(expect(wanted, machine.rights_are_taken, "whoever types on " + host + " is shut out"));
    machine.rights_are_taken = wanted == FaultDo::Break;
    return machine.place.config.own_client.value;
}

Result<void> Bench::set_fault(FaultDo wanted, Fault fault, std::vector<std::string> const& objects)
{
    auto const& first = m_machines.at(m_hosts.front())->place;
    auto const publisher = pen(first.scheduler, first.host, ActorId { "scenario" });
    if (objects.size() != (fault == Fault::LinkCut ? 2U : 1U))
        return fail(ErrorKind::InvalidInput,
            fault == Fault::LinkCut ? "a link has two ends: name both" : "name one object to break or to mend");
    auto const changed = [&]() -> Result<std::string> {
        switch (fault) {
        case Fault::RegistryDown: return set_registry(wanted, objects[0]);
        case Fault::LinkCut: return set_link(wanted, objects[0], objects[1]);
        case Fault::BlobCorrupted: return set_blob(wanted, objects[0]);
        case Fault::DiskFull: return set_disk(wanted, objects[0]);
        case Fault::DaemonKilled: return set_daemon(wanted, objects[0]);
        case Fault::RightsTaken: return set_rights(wanted, objects[0]);
        }
        return fail(ErrorKind::Internal, "no such fault");
    }();
    auto const object = TRY(changed);
    if (wanted == FaultDo::Break)
        publisher.publish(trace::FaultInjected { std::string(name_of(fault)), object });
    else
        publisher.publish(trace::FaultHealed { std::string(name_of(fault)), object });
    return {};
}

// ---- As a command line ----

namespace {

constexpr std::array<std::pair<std::string_view, Fault>, 6> faults { { { "registry", Fault::RegistryDown },
    { "link", Fault::LinkCut }, { "blob", Fault::BlobCorrupted }, { "disk", Fault::DiskFull },
    { "daemon", Fault::DaemonKilled }, { "rights", Fault::RightsTaken } } };

constexpr std::string_view usage = "Usage: drydock break|mend registry NAME | link HOST HOST-OR-REGISTRY | blob "
                                   "IMAGE-OR-DIGEST | disk HOST | daemon HOST | rights HOST\n";

}

int Bench::run_fault(std::vector<std::string> const& words, client::Terminal const& terminal)
{
    auto const fault = words.size() < 3
        ? faults.end()
        : std::find_if(faults.begin(), faults.end(), [&](auto const& known) { return known.first == words[2]; });
    bool const sound = fault != faults.end() && (words[1] == "break" || words[1] == "mend");
    if (!sound) {
        terminal.write(true, std::string(usage));
        return 2;
    }
    auto const done = set_fault(
        words[1] == "break" ? FaultDo::Break : FaultDo::Mend, fault->second, { words.begin() + 3, words.end() });
    if (!done)
        terminal.write(true, "drydock: " + done.error().message() + "\n");
    return done ? 0 : 1;
}

}
