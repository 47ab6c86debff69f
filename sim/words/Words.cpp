#include "sim/words/Words.h"

#include "sim/words/Language.h"
#include "sim/words/Told.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace drydock::words {

namespace {

// With several daemons, one has to say whose.
std::string of_several(world::Actor const& actor, world::World const& world)
{
    return world.machines.size() > 1 ? say(" on {}", actor.host.value) : "";
}

using namespace trace;

// "REPOSITORY   TAG   IMAGE ID": what docker prints where it has nothing to list.
bool is_table_heading(std::string_view text)
{
    return text.find("  ") != std::string_view::npos && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || c == ' ' || c == '\n';
    });
}

// Sentences stay on one line and short enough to be read in the second they are shown.
std::string shortened(std::string text, std::size_t limit = 60)
{
    text = with_short_ids(text);
    std::replace(text.begin(), text.end(), '\n', ' ');
    while (!text.empty() && text.back() == ' ')
        text.pop_back();
    if (text.size() <= limit)
        return text;
    text.resize(limit);
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0U) == 0x80U)
        text.pop_back(); // not in the middle of a character
    if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xc0U)
        text.pop_back();
    return text + "…";
}

std::string listed(std::vector<std::string> const& items)
{
    std::string text;
    for (std::size_t i = 0; i < items.size(); ++i)
        text += std::string(i == 0 ? "" : i + 1 == items.size() ? tr(" and ") : ", ") + items[i];
    return text;
}

std::string_view what_namespace_isolates(std::string_view kind)
{
    static std::map<std::string_view, std::string_view> const meanings {
        { "mnt", key("it sees its own tree of mounts") },
        { "pid", key("its process numbers start at 1") },
        { "net", key("it has its own network devices and ports") },
        { "uts", key("it has its own host name") },
        { "ipc", key("it shares no memory segments with others") },
        { "user", key("its root is not the host's root") },
        { "cgroup", key("it sees only its own control group") },
    };
    auto const found = meanings.find(kind);
    return tr(found == meanings.end() ? key("its own view") : found->second);
}

std::string_view what_mount_is_for(MountMade const& mount)
{
    if (mount.type == "proc")
        return tr("the kernel tells about its own processes there");
    if (mount.type == "sysfs")
        return tr("the kernel's devices, read-only");
    if (mount.type == "tmpfs")
        return tr("files there live in memory");
    if (mount.type == "devpts")
        return tr("its own terminals");
    if (mount.type == "bind")
        return tr("the same files under a second name");
    return tr("for its own use");
}

class Sentence {
public:
    explicit Sentence(world::World const& world)
        : m_world(world)
    {
    }

    // ---- Who is there ----

    std::string operator()(HostAppeared const& e) const
    {
        return say("{} runs {}: one kernel for everything on it.", e.host.value, e.kernel);
    }
    std::string operator()(ActorAppeared const& e) const
    {
        switch (e.role) {
        case ActorRole::Client: return say("You type commands into docker, the client: it only asks.");
        case ActorRole::Daemon: return say("The daemon does the work, and waits for requests.");
        case ActorRole::Registry: return say("{} keeps images for others to fetch.", e.label);
        case ActorRole::Runtime: return say("The runtime turns a container into processes.");
        case ActorRole::Process: return say("A process is there: {}.", e.label);
        }
        return say("{} is there.", e.label);
    }
    std::string operator()(ActorLeft const& e) const { return say("{} is gone.", actor(e.actor)); }

    // ---- Spans ----

    std::string operator()(SpanBegan const& e) const { return say("Begins: {}.", shortened(e.title)); }
    std::string operator()(SpanEnded const& e) const
    {
        return e.succeeded ? say("That is done.") : say("That failed: {}.", shortened(e.error));
    }

    // ---- The command line and the wire ----

    std::string operator()(CommandEntered const& e) const
    {
        auto const client = m_world.actors.find(e.client);
        auto const where = client == m_world.actors.end() ? "" : of_several(client->second, m_world);
        return say("You type{}: {}.", where, shortened(e.line, 80));
    }
    std::string operator()(CommandPrinted const& e) const
    {
        auto const lines = static_cast<std::uint64_t>(std::count(e.text.begin(), e.text.end(), '\n'));
        if (lines > 1)
            return say("Your terminal shows {} lines of answer.", lines);
        if (e.text.find_first_not_of(" \r\n") == std::string::npos)
            return say("Your terminal shows an empty line.");
        if (is_table_heading(e.text))
            return say("Your terminal shows the heading of a table without a row.");
        return say("Your terminal shows: {}.", shortened(e.text));
    }
    std::string operator()(CommandFinished const& e) const
    {
        return e.exit_code == 0 ? say("The command has ended well: exit code 0.")
                                : say("The command has ended with exit code {}.", e.exit_code);
    }
    std::string operator()(ConnectionOpened const& e) const
    {
        return say("{} connects to {} at {}.", actor(e.from), actor(e.to), e.endpoint);
    }
    std::string operator()(ConnectionClosed const&) const { return say("The connection is closed."); }
    std::string operator()(RequestReceived const& e) const
    {
        return say("{} asks {} to {}.", actor(e.from), actor(e.to), purpose_of(e.method, e.target));
    }
    std::string operator()(ResponseSent const& e) const
    {
        auto const size = e.body_size == 0 ? "" : fmt::format(", {}", human_size(e.body_size));
        return say("{} answers {} {}{}.", actor(e.from), e.status, e.reason, size);
    }

    // ---- Images ----

    std::string operator()(ImageNotFoundLocally const& e) const
    {
        return say("{} is not in the image store, so it has to be pulled.", e.reference);
    }
    std::string operator()(ReferenceResolved const& e) const
    {
        return say("{} says: {} is manifest {}.", actor(e.registry), e.reference, e.manifest.short_form());
    }
    std::string operator()(ManifestFetched const& e) const
    {
        std::uint64_t bytes = 0;
        for (auto const& layer : e.layers)
            bytes += layer.size;
        return say("The manifest lists what {} is made of: a config and {}, {}.", e.reference,
            counted(e.layers.size(), key("layer"), key("layers")), human_size(bytes));
    }
    std::string operator()(BlobSkipped const& e) const
    {
        return say("{} ({}) is {}: it does not travel.", blob(e.digest), human_size(e.size), tr(e.reason));
    }
    std::string operator()(BlobTransferStarted const& e) const
    {
        if (e.offset > 0)
            return say(
                "{} goes on where it was cut, at {} of {}.", blob(e.digest), human_size(e.offset), human_size(e.size));
        return say("{}, {}, travels from {} to {}.", blob(e.digest), human_size(e.size), actor(e.from), actor(e.to));
    }
    std::string operator()(BlobBytesArrived const& e) const
    {
        return say("{} of {} have arrived.", human_size(e.received), human_size(e.size));
    }
    std::string operator()(DigestVerified const& e) const
    {
        if (e.what == Verified::Manifest)
            return say("The manifest was hashed: it is what the name {} promises.", e.digest.short_form());
        if (e.what == Verified::DiffId)
            return say("The unpacked layer was hashed too: DiffID {} is right.", e.digest.short_form());
        return say("{} hashed: digest {} is right, nothing was changed on the way.", human_size(e.bytes),
            e.digest.short_form());
    }
    std::string operator()(DigestMismatched const& e) const
    {
        return say(
            "The bytes hash to {}, not to {}: they are refused.", e.actual.short_form(), e.expected.short_form());
    }
    std::string operator()(BlobStored const& e) const
    {
        return say("{} is kept under its digest {}.", blob(e.digest), e.digest.short_form());
    }
    std::string operator()(BlobRemoved const& e) const
    {
        return say("Blob {} is deleted: nothing needs it.", e.digest.short_form());
    }
    std::string operator()(LayerIndexed const& e) const
    {
        return say("The layer joins the stack: {}, {} unpacked, read-only for ever.",
            counted(e.entries, key("entry"), key("entries")), human_size(e.unpacked_size));
    }
    std::string operator()(LayerListed const& e) const
    {
        return say(
            "The union mount can find {} in it.", counted(e.members.size() + e.omitted, key("path"), key("paths")));
    }
    std::string operator()(LayerRemoved const& e) const
    {
        return say("Layer {} is deleted: no image uses it.", e.diff_id.short_form());
    }
    std::string operator()(ImageStored const& e) const
    {
        return say("Config and {} make an image: {}.", counted(e.layers.size(), key("layer"), key("layers")),
            e.image.short_form());
    }
    std::string operator()(ImageTagged const& e) const
    {
        return say("The name {} points to image {} now.", e.reference, e.image.short_form());
    }
    std::string operator()(ImageUntagged const& e) const
    {
        return say("The name {} points to it no more.", e.reference);
    }
    std::string operator()(ImageRemoved const& e) const { return say("Image {} is deleted.", e.image.short_form()); }

    // ---- Building and shipping ----

    std::string operator()(BuildContextReceived const& e) const
    {
        return say("The build context has arrived: {}, {}.", counted(e.entries, key("entry"), key("entries")),
            human_size(e.bytes));
    }
    std::string operator()(BuildStepBegan const& e) const
    {
        return say("Step {} of {}, line {}: {}.", e.step, e.steps, e.line, shortened(e.instruction));
    }
    std::string operator()(BuildStepFinished const& e) const
    {
        auto const made = tr(e.cached ? key("was built before: it is taken from the cache") : key("is done"));
        if (e.instruction.starts_with("FROM "))
            return say("Step {} is done: the image begins as {}.", e.step, e.image.short_form());
        if (!e.has_layer)
            return say("Step {} {}: it changes the config, and makes no layer.", e.step, made);
        return say("Step {} {}: layer {}, {}.", e.step, made, e.layer.short_form(), human_size(e.size));
    }
    std::string operator()(LayerCommitted const& e) const
    {
        bool const is_known = m_world.containers.contains(e.container); // else it is a sheet that a build wrote on
        return say("What {} becomes a layer: {}, {}.",
            is_known ? say("{} changed", container(e.container)) : say("the step wrote"),
            counted(e.entries, key("entry"), key("entries")), human_size(e.unpacked_size));
    }
    std::string operator()(BlobMounted const& e) const
    {
        return say("{} has {} in {} already: {} need not travel.", actor(e.registry), e.digest.short_form(),
            e.from_repository, human_size(e.size));
    }
    std::string operator()(ManifestPushed const& e) const
    {
        return say("{} has {} now: manifest {}.", actor(e.registry), e.reference, e.manifest.short_form());
    }
    std::string operator()(AuthenticationRequired const& e) const
    {
        return say("{} wants to know who asks ({}).", actor(e.registry), e.scheme);
    }
    std::string operator()(AuthenticationSucceeded const& e) const
    {
        return say("{} lets {} in.", actor(e.registry), e.user.empty() ? tr("anybody") : e.user);
    }
    std::string operator()(RateLimitTold const& e) const
    {
        constexpr std::int64_t a_year = 365 * 24 * 3600; // a registry may say anything
        return say("{} allows {} more of {} pulls{}.", actor(e.registry), e.remaining, e.limit,
            e.window > 0 && e.window < a_year ? say(" in {}", rough_duration(std::chrono::seconds(e.window)))
                                              : std::string());
    }
    std::string operator()(ConnectionRefused const& e) const
    {
        return say("{} cannot reach {}: {}.", actor(e.from), e.endpoint, e.reason);
    }
    std::string operator()(TlsEstablished const& e) const
    {
        return e.client.empty() ? say("The connection is encrypted ({}); {} has proved who it is.", e.version, e.server)
                                : say("The connection is encrypted ({}); {} and {} have proved who they are.",
                                    e.version, e.server, e.client);
    }
    std::string operator()(ImagesSaved const& e) const
    {
        return say("{} saved as one archive, {}.", counted(e.references.size(), key("image is"), key("images are")),
            human_size(e.bytes));
    }
    std::string operator()(ImagesLoaded const& e) const
    {
        return say("{} loaded from an archive, {}.", counted(e.references.size(), key("image is"), key("images are")),
            human_size(e.bytes));
    }

    // ---- Volumes and networks ----

    std::string operator()(VolumeCreated const& e) const
    {
        return say("Volume {} is made: it belongs to no container and outlives them.", e.volume);
    }
    std::string operator()(VolumeRemoved const& e) const
    {
        return say("Volume {} is deleted with all that is in it.", e.volume);
    }
    std::string operator()(VolumeMounted const& e) const
    {
        auto const access = e.read_only ? tr(", read-only") : "";
        if (e.kind == "tmpfs")
            return say("{} of {} is memory{}.", e.target, container(e.container), access);
        return say("{} of {} is {} {}{}: writes there pass the layers by.", e.target, container(e.container),
            e.kind == "bind" ? tr("the host's") : tr("volume"), e.source, access);
    }
    std::string operator()(NetworkCreated const& e) const
    {
        return e.subnet.empty() ? say("Network {} is made.", e.name) : say("Network {} is made: {}.", e.name, e.subnet);
    }
    std::string operator()(NetworkRemoved const& e) const { return say("Network {} is deleted.", network(e.network)); }
    std::string operator()(NetworkConnected const& e) const
    {
        return say("{} is {} in network {}.", container(e.container), e.address, network(e.network));
    }
    std::string operator()(NetworkDisconnected const& e) const
    {
        return say("{} leaves network {}.", container(e.container), network(e.network));
    }
    std::string operator()(PortPublished const& e) const
    {
        return say("Port {} of the host leads to port {} of {} ({}).", e.host_port, e.container_port,
            container(e.container), e.protocol);
    }
    std::string operator()(PortUnpublished const& e) const
    {
        return say("Port {} of the host leads nowhere again.", e.host_port);
    }
    std::string operator()(NameResolved const& e) const
    {
        return e.address.empty() ? say("{} asks for {}: nobody has that name.", container(e.container), e.name)
                                 : say("{} asks for {}: {}.", container(e.container), e.name, e.address);
    }

    // ---- Containers ----

    std::string operator()(ContainerCreated const& e) const
    {
        return say(
            "A container is created from {}: {}. Nothing runs yet.", image_name(e.reference), container(e.container));
    }
    std::string operator()(WritableLayerCreated const& e) const
    {
        return say("{} gets a read-write layer of its own, empty: nothing was copied.", container(e.container));
    }
    std::string operator()(UnionMounted const& e) const
    {
        return say("The read-write layer and the {} below it are mounted as one tree.",
            counted(e.lower.size(), key("layer"), key("layers")));
    }
    std::string operator()(UnionUnmounted const& e) const
    {
        return say("The tree of {} is unmounted.", container(e.container));
    }
    std::string operator()(NamespaceCreated const& e) const
    {
        return say("A {} namespace of its own ({}): {}.", e.kind, e.inode, what_namespace_isolates(e.kind));
    }
    std::string operator()(NamespaceJoined const& e) const
    {
        return say("It joins the {} namespace of {} ({}): {}.", e.kind, container(e.owner), e.inode,
            what_namespace_isolates(e.kind));
    }
    std::string operator()(IdsMapped const& e) const
    {
        return say("The kernel maps ids by {}: {}.", e.file, shortened(e.text));
    }
    std::string operator()(MountMade const& e) const
    {
        return say("{} is mounted on {}: {}.", e.type, e.target, what_mount_is_for(e));
    }
    std::string operator()(RootPivoted const&) const
    {
        return say("pivot_root: the mounted tree becomes “/”, and the host's files are out of reach.");
    }
    std::string operator()(HostnameSet const& e) const { return say("Inside, the host name is {}.", e.hostname); }
    std::string operator()(PrivilegesDropped const& e) const
    {
        auto const filter = e.filtered_syscalls == 0
            ? say("no system call filter")
            : say("a filter with {}",
                counted(static_cast<std::uint64_t>(e.filtered_syscalls), key("rule"), key("rules")));
        return say("It keeps {} and gets {}.", counted(e.kept.size(), key("capability"), key("capabilities")), filter);
    }
    std::string operator()(CgroupCreated const& e) const
    {
        return e.limits.empty() ? say("A control group counts what it uses.")
                                : say("A control group counts and limits it: {}.", e.limits);
    }
    std::string operator()(ResourcesUsed const& e) const
    {
        return say("{} uses {} of memory and has {}.", container(e.container), human_size(e.memory),
            counted(static_cast<std::uint64_t>(e.processes), key("process"), key("processes")));
    }
    std::string operator()(SyscallMade const& e) const
    {
        auto const result = e.error == 0 ? fmt::format("= {}", e.result) : say("failed with errno {}", e.error);
        return fmt::format("{} {} {}.", e.call, shortened(e.arguments), result);
    }
    std::string operator()(ProcessStarted const& e) const
    {
        return say(
            "{} runs: process {} inside, {} for the host.", shortened(command_text(e.command), 40), e.pid, e.host_pid);
    }
    std::string operator()(ProcessesListed const& e) const
    {
        return say("The kernel lists {} of {}.", counted(e.processes.size(), key("process"), key("processes")),
            container(e.container));
    }
    std::string operator()(ProcessExited const& e) const
    {
        return e.signal == 0 ? say("Process {} has ended with code {}.", e.pid, e.exit_code)
                             : say("Process {} was ended by signal {}.", e.pid, e.signal);
    }
    std::string operator()(ContainerStarted const& e) const
    {
        return e.remade ? say("{} runs again, with new processes.", container(e.container))
                        : say("{} is running.", container(e.container));
    }
    std::string operator()(ContainerExited const& e) const
    {
        return say("Process 1 has ended, so {} has exited: code {}.", container(e.container), e.exit_code);
    }
    std::string operator()(ContainerPaused const& e) const
    {
        return say("{} is paused: its processes are frozen where they are.", container(e.container));
    }
    std::string operator()(ContainerUnpaused const& e) const
    {
        return say("{} goes on where it stood.", container(e.container));
    }
    std::string operator()(ContainerRenamed const& e) const { return say("The container is called {} now.", e.name); }
    std::string operator()(ContainerRemoved const& e) const
    {
        return say("{} is removed, and its read-write layer with it.", container(e.container));
    }
    std::string operator()(ContainerUpdated const& e) const
    {
        return say("{} may use {} from now on.", container(e.container), e.what);
    }
    std::string operator()(RestartScheduled const& e) const
    {
        return say("The policy {} starts {} again, for the {}. time.", e.policy, container(e.container), e.attempt);
    }
    std::string operator()(HealthChanged const& e) const
    {
        return say("{} is {}.", container(e.container), tr(e.health));
    }
    std::string operator()(MemoryExhausted const& e) const
    {
        return say("{} has used up its {}: the kernel ends a process.", container(e.container), human_size(e.limit));
    }
    std::string operator()(FilesCopied const& e) const
    {
        return say("{} copied {} {} of {}.", counted(e.entries, key("entry is"), key("entries are")),
            e.into ? tr("into") : tr("out of"), e.path, container(e.container));
    }
    std::string operator()(ContainerExported const& e) const
    {
        return say("The tree of {} is exported, {}: without layers, config or history.", container(e.container),
            human_size(e.bytes));
    }
    std::string operator()(SignalSent const& e) const
    {
        return say("Process 1 of {} is sent {}.", container(e.container), e.name);
    }
    std::string operator()(OutputWritten const& e) const { return say("The program writes: {}.", shortened(e.text)); }

    // ---- The union filesystem ----

    std::string operator()(PathLookedUp const& e) const
    {
        if (e.whited_out >= 0)
            return say("{}: a whiteout in branch {} hides it.", e.path, e.whited_out);
        if (e.answered < 0)
            return say("{}: no branch has it.", e.path);
        if (e.answered == 0)
            return say("{}: the read-write layer answers.", e.path);
        return say("{}: layer {} from the top answers.", e.path, e.answered);
    }
    std::string operator()(FileCopiedUp const& e) const
    {
        return say("{} is copied up first{}: the original stays in its layer.", e.path,
            e.bytes == 0 ? std::string() : ", " + human_size(e.bytes));
    }
    std::string operator()(FileCreated const& e) const
    {
        return say("{} is new, in the read-write layer of {} only.", e.path, container(e.container));
    }
    std::string operator()(FileWritten const& e) const { return say("{} has {} now.", e.path, human_size(e.size)); }
    std::string operator()(FileRemoved const& e) const
    {
        return say("{} is deleted: the container no longer sees it.", e.path);
    }
    std::string operator()(FileRenamed const& e) const { return say("{} is called {} now.", e.from, e.to); }
    std::string operator()(MetadataChanged const& e) const { return fmt::format("{}: {}.", e.path, e.what); }
    std::string operator()(WhiteoutMade const& e) const
    {
        return say("A whiteout hides {}: below, the file is still there.", e.path);
    }
    std::string operator()(DirectoryMadeOpaque const& e) const
    {
        return say("{} is opaque: what the layers below have in it is hidden.", e.path);
    }

    // ---- Guest machines ----

    std::string operator()(GuestMachineCreated const& e) const
    {
        return say("{} makes machine {} with {} and {} of memory.", e.monitor, e.name,
            counted(static_cast<std::uint64_t>(e.cpus), "virtual CPU", "virtual CPUs"), human_size(e.memory));
    }
    std::string operator()(GuestMemoryMapped const& e) const
    {
        if (constexpr std::string_view image = "image "; e.what.starts_with(image))
            return say("{} has the tree of {} in its own memory: {}. A container would read its layers in place.",
                machine(e.machine), e.what.substr(image.size()), human_size(e.size));
        return e.copy_on_write
            ? say("{} of {} sees the {}: one copy for all machines, until one writes.", human_size(e.size),
                machine(e.machine), e.what)
            : say("{} gets {} of {} at address {:#x}.", machine(e.machine), human_size(e.size), e.what, e.address);
    }
    std::string operator()(GuestKernelLoaded const& e) const
    {
        if (e.format == "machine code")
            return say("{} has {} of machine code instead of a kernel.", machine(e.machine), human_size(e.size));
        auto const kernel = e.kernel.substr(e.kernel.rfind('/') + 1);
        return e.initramfs == 0
            ? say("{} has a kernel of its own: {}, {}.", machine(e.machine), kernel, human_size(e.size))
            : say("{} has a kernel of its own: {}, {}, and beside it a root filesystem of {}.", machine(e.machine),
                kernel, human_size(e.size), human_size(e.initramfs));
    }
    std::string operator()(GuestPhaseReached const& e) const
    {
        return say("{} reaches {} after {}.", machine(e.machine), tr(e.phase),
            human_duration(std::chrono::nanoseconds(e.elapsed)));
    }
    std::string operator()(GuestExitsCounted const& e) const
    {
        auto const times = counted(e.count, "time", "times");
        if (e.port < 0)
            return say("{} has left its CPU {}: {}.", machine(e.machine), times, e.reason);
        return e.out ? say("{} has left its CPU {} to write to port {:#x}.", machine(e.machine), times, e.port)
                     : say("{} has left its CPU {} to read port {:#x}.", machine(e.machine), times, e.port);
    }
    std::string operator()(GuestConsoleWritten const& e) const
    {
        return say("{} writes: {}", machine(e.machine), shortened(e.text));
    }
    std::string operator()(HypervisorStarted const& e) const
    {
        return e.type == 1 ? say("A hypervisor of type 1 runs on the bare hardware of {}: {}.", e.host.value, e.name)
                           : say("A hypervisor of type 2 runs on the kernel of {}: {}.", e.host.value, e.name);
    }
    std::string operator()(HypervisorStopped const& e) const
    {
        return say("{} has no hypervisor any more: {}.", e.host.value, tr(e.reason));
    }
    std::string operator()(GuestMachineStopped const& e) const
    {
        if (e.exits == 0) // its monitor is not ours and does not tell
            return say("{} stops: {}.", machine(e.machine), e.reason);
        return say("{} stops: {}. It left its CPU {} in all.", machine(e.machine), e.reason,
            counted(e.exits, "time", "times"));
    }
    std::string operator()(MeasurementTaken const& e) const
    {
        auto const value = e.unit == "ns"   ? human_duration(std::chrono::nanoseconds(e.value))
            : e.unit == "B" && e.value >= 0 ? human_size(static_cast<std::uint64_t>(e.value))
                                            : fmt::format("{}{}{}", e.value, e.unit.empty() ? "" : " ", e.unit);
        switch (e.kind) {
        case FigureKind::Measured: return say("{}, {}: {}, measured.", e.subject, e.what, value);
        case FigureKind::Modelled: return say("{}, {}: {}, by the model.", e.subject, e.what, value);
        case FigureKind::Quoted: return say("{}, {}: {}, says {}.", e.subject, e.what, value, e.source);
        }
        return {};
    }

    // ---- Scenarios ----

    std::string operator()(ScenarioBegan const& e) const { return say("{} begins.", tr(e.title)); }
    std::string operator()(PhaseBegan const& e) const
    {
        return e.say.empty() ? fmt::format("{}.", tr(e.name)) : std::string(tr(e.say));
    }
    std::string operator()(PhaseEnded const&) const { return say("This part is over."); }
    std::string operator()(PredictionAsked const& e) const { return say("What do you think? {}", tr(e.question)); }
    std::string operator()(PredictionResolved const& e) const
    {
        return say("Answer: {} {}", as_sentence(tr(e.answer)), tr(e.why));
    }
    std::string operator()(GoalEvaluated const& e) const
    {
        return e.met ? say("Reached: {}.", tr(e.text)) : say("Not yet: {} ({}).", tr(e.text), told(e.why_not));
    }
    std::string operator()(LessonIntroduced const& e) const
    {
        std::vector<std::string> names;
        for (auto const& part : e.parts)
            names.emplace_back(tr(part.name));
        auto const parts = names.empty() ? std::string() : say("You will meet: {}.", fmt::join(names, ", "));
        return e.analogy.empty() ? parts : fmt::format("{}{}{}", parts, parts.empty() ? "" : " ", tr(e.analogy));
    }
    std::string operator()(VariationBegan const& e) const { return fmt::format("{}: {}", tr(e.name), tr(e.say)); }
    std::string operator()(VariationEnded const& e) const { return std::string(tr(e.shows)); }
    std::string operator()(ScenarioEnded const& e) const
    {
        auto const& scenario = m_world.scenario;
        if (!scenario || scenario->goals.empty())
            return e.succeeded ? say("Played to its end.") : say("It ended before its end.");
        bool const open
            = std::any_of(scenario->goals.begin(), scenario->goals.end(), [](auto const& goal) { return !goal.met; });
        return open ? say("Now it is your turn: reach the goals.") : say("All goals are reached.");
    }

    // ---- What the learner did to the engine ----

    std::string operator()(EngineRestored const& e) const
    {
        return e.moment.empty() ? say("Everything is as it was at the beginning.")
                                : say("Everything is as it was after `{}`.", shortened(e.moment));
    }
    std::string operator()(FaultInjected const& e) const
    {
        return say("Broken on purpose: {}, {}.", fault(e.kind), broken(e.object));
    }
    std::string operator()(FaultHealed const& e) const
    {
        return say("It works again: no more {}, {}.", fault(e.kind), broken(e.object));
    }

    // ---- What went otherwise than asked ----

    std::string operator()(WarningRaised const& e) const { return say("Take care: {}.", told(e.what)); }
    std::string operator()(OperationFailed const& e) const
    {
        return say("{} failed: {}.", short_operation(e.operation), e.error);
    }

private:
    static std::string_view fault(std::string const& kind)
    {
        static constexpr std::array known { key("registry down"), key("link cut"), key("blob corrupted"),
            key("disk full"), key("daemon killed"), key("rights taken") };
        auto const found = std::find(known.begin(), known.end(), kind);
        return found == known.end() ? std::string_view(kind) : tr(*found);
    }
    std::string broken(std::string const& object) const
    {
        if (auto const found = m_world.actors.find(ActorId { object }); found != m_world.actors.end())
            return found->second.role == trace::ActorRole::Client ? say("the client of {}", found->second.host.value)
                                                                  : actor(found->first);
        auto const digest = oci::Digest::parse(object);
        return digest ? std::string(digest->short_form()) : shortened(object);
    }
    std::string actor(ActorId const& id) const { return name_of(id, m_world); }
    std::string container(ContainerId const& id) const { return name_of(id, m_world); }

    std::string machine(GuestMachineId const& id) const
    {
        auto const found = m_world.guest_machines.find(id);
        return found == m_world.guest_machines.end() || found->second.name.empty() ? id.value : found->second.name;
    }

    std::string network(std::string const& id) const
    {
        auto const& networks = world::shown_host(m_world).networks;
        auto const found = networks.find(id);
        return found == networks.end() ? "(" + id.substr(0, 12) + ")" : found->second.name;
    }

    // As it was typed, or the short form of an image ID.
    static std::string image_name(std::string const& reference)
    {
        auto const digest = oci::Digest::parse(reference);
        return digest ? say("image {}", digest->short_form()) : reference;
    }

    // What a blob is, as far as the manifest tells.
    std::string blob(oci::Digest const& digest) const
    {
        if (m_world.pull && m_world.pull->config == digest)
            return say("The config");
        if (m_world.pull && m_world.pull->manifest == digest)
            return say("The manifest");
        if (!m_world.pull || m_world.pull->layers.empty())
            return say("The blob");
        auto const& layers = m_world.pull->layers;
        auto const found
            = std::find_if(layers.begin(), layers.end(), [&](auto const& l) { return l.digest == digest; });
        if (found == layers.end())
            return say("The blob");
        return layers.size() == 1 ? say("The layer") : say("Layer {} of {}", found - layers.begin() + 1, layers.size());
    }

    world::World const& m_world;
};

// Sentences begin with a capital letter and end with one mark, whatever the names in them are.
std::string finished(std::string text)
{
    text = shortened(std::move(text), 240);
    if (text.starts_with("the "))
        text.front() = 'T';
    while (text.size() >= 2 && text.back() == '.'
        && (text[text.size() - 2] == '.' || text[text.size() - 2] == '?' || text[text.size() - 2] == '!'))
        text.pop_back();
    if (text.empty() || (text.back() != '.' && text.back() != '?' && text.back() != '!' && !text.ends_with("…")))
        text += '.';
    return text;
}

template <class E> std::vector<E const*> all_of_type(std::span<Event const* const> events)
{
    std::vector<E const*> found;
    for (auto const* event : events) {
        if (auto const* e = event->get_if<E>())
            found.push_back(e);
    }
    return found;
}

std::string namespaces_sentence(std::vector<NamespaceCreated const*> const& created)
{
    std::vector<std::string> kinds;
    for (auto const* e : created)
        kinds.push_back(e->kind);
    return say("The kernel gives it {} namespaces of its own: {}.", created.size(), listed(kinds));
}

}

std::string sentence(Event const& event, world::World const& world)
{
    return finished(event.visit(Sentence(world)));
}

std::string sentence(std::span<Event const* const> events, world::World const& world)
{
    if (auto const created = all_of_type<NamespaceCreated>(events); created.size() > 1)
        return namespaces_sentence(created);
    if (auto const skipped = all_of_type<BlobSkipped>(events); skipped.size() > 1)
        return say("{} blobs are here already: they do not travel.", skipped.size());
    if (auto const mounts = all_of_type<MountMade>(events); mounts.size() > 1) {
        std::vector<std::string> targets;
        for (auto const* mount : mounts)
            targets.push_back(mount->target);
        return say("{} mounts of its own: {}.", mounts.size(), listed(targets));
    }
    if (auto const printed = all_of_type<CommandPrinted>(events); printed.size() > 1)
        return say("Your terminal shows {} lines of answer.", printed.size());
    if (auto const written = all_of_type<FileWritten>(events); written.size() > 1)
        return sentence(*events.back(), world);
    if (auto const actors = all_of_type<ActorAppeared>(events); actors.size() > 1)
        return say("Your client asks, the daemon does the work, the registry keeps images.");
    if (auto const goals = all_of_type<GoalEvaluated>(events); goals.size() > 1) {
        auto const met = std::count_if(goals.begin(), goals.end(), [](auto const* goal) { return goal->met; });
        return say("{} of {} goals are reached.", met, goals.size());
    }
    return sentence(*events.front(), world);
}

std::string_view word_for(Provenance provenance)
{
    switch (provenance) {
    case Provenance::Live: return tr("live");
    case Provenance::Simulated: return tr("simulated");
    case Provenance::Modelled: return tr("modelled");
    case Provenance::Quoted: return tr("quoted");
    }
    return {};
}

std::string name_of(ContainerId const& id, world::World const& world)
{
    auto const found = world.containers.find(id);
    if (found == world.containers.end() || found->second.name.empty())
        return std::string(id.short_form());
    return found->second.name;
}

std::string name_of_image(oci::Digest const& id, world::World const& world)
{
    auto const& images = world::shown_host(world).images;
    auto const found = images.find(id);
    if (found == images.end() || found->second.tags.empty())
        return id.short_form();
    return found->second.tags.front();
}

std::string name_of(ActorId const& id, world::World const& world)
{
    auto const found = world.actors.find(id);
    if (found == world.actors.end())
        return id.value;
    switch (found->second.role) {
    case ActorRole::Client:
        return found->second.host == world.shown ? say("The client")
                                                 : say("The client{}", of_several(found->second, world));
    case ActorRole::Daemon: return say("the daemon{}", of_several(found->second, world));
    case ActorRole::Registry: return found->second.label.substr(0, found->second.label.find(" ("));
    case ActorRole::Runtime:
    case ActorRole::Process: return found->second.label;
    }
    return id.value;
}

std::string command_text(std::span<std::string const> arguments)
{
    std::string text;
    for (auto const& argument : arguments)
        text += (text.empty() ? "" : " ") + argument;
    return text;
}

std::string as_sentence(std::string_view text)
{
    constexpr std::string_view ends = ".!?";
    bool const is_ended = !text.empty() && ends.find(text.back()) != std::string_view::npos;
    return std::string(text) + (is_ended ? "" : ".");
}

std::string with_short_ids(std::string_view text, std::string_view cut)
{
    constexpr std::string_view hex = "0123456789abcdef";
    constexpr std::size_t whole = 64, kept = 12;
    std::string result;
    while (!text.empty()) {
        auto const begin = std::min(text.find_first_of(hex), text.size());
        auto const end = std::min(text.find_first_not_of(hex, begin), text.size());
        result += text.substr(0, begin);
        if (end - begin == whole)
            result.append(text.substr(begin, kept)).append(cut);
        else
            result += text.substr(begin, end - begin);
        text.remove_prefix(end);
    }
    return result;
}

std::string short_target(std::string_view target)
{
    target = target.substr(0, target.find('?'));
    if (target.starts_with("/v1.")) {
        auto const slash = target.find('/', 1);
        target = slash == std::string_view::npos ? "/" : target.substr(slash);
    }
    return with_short_ids(target);
}

std::string short_operation(std::string_view operation)
{
    auto const slash = operation.find(" /");
    return slash == std::string_view::npos
        ? std::string(operation)
        : std::string(operation.substr(0, slash + 1)) + short_target(operation.substr(slash + 1));
}

std::string purpose_of(std::string_view method, std::string_view target)
{
    struct Phrase {
        std::string_view method, prefix, suffix, text;
    };
    static constexpr std::array<Phrase, 57> phrases { {
        { "POST", "/containers/create", "", key("create a container") },
        { "POST", "/containers/", "/start", key("start the container") },
        { "POST", "/containers/", "/attach", key("pass on what the container prints") },
        { "POST", "/containers/", "/wait", key("tell when the container ends") },
        { "POST", "/containers/", "/stop", key("stop the container") },
        { "POST", "/containers/", "/kill", key("send the container a signal") },
        { "POST", "/containers/", "/pause", key("freeze the container") },
        { "POST", "/containers/", "/unpause", key("let the container go on") },
        { "POST", "/containers/", "/restart", key("restart the container") },
        { "POST", "/containers/", "/rename", key("rename the container") },
        { "POST", "/containers/", "/resize", key("set the size of the terminal") },
        { "POST", "/containers/", "/exec", key("prepare another process in the container") },
        { "POST", "/exec/", "/start", key("run that process") },
        { "GET", "/containers/", "/logs", key("show what the container printed") },
        { "GET", "/containers/", "/changes", key("list what the container changed") },
        { "GET", "/containers/", "/top", key("list the container's processes") },
        { "GET", "/containers/", "/stats", key("tell what the container uses") },
        { "GET", "/containers/", "/export", key("write the container's tree into an archive") },
        { "HEAD", "/containers/", "/archive", key("look at a file in the container") },
        { "GET", "/containers/", "/archive", key("give files out of the container") },
        { "PUT", "/containers/", "/archive", key("put files into the container") },
        { "POST", "/containers/", "/update", key("change the container's limits") },
        { "POST", "/containers/prune", "", key("remove stopped containers") },
        { "POST", "/networks/create", "", key("make a network") },
        { "POST", "/networks/prune", "", key("remove unused networks") },
        { "POST", "/networks/", "/connect", key("connect a container to a network") },
        { "POST", "/networks/", "/disconnect", key("take a container out of a network") },
        { "GET", "/networks", "", key("list or describe networks") },
        { "DELETE", "/networks/", "", key("remove a network") },
        { "POST", "/volumes/create", "", key("make a volume") },
        { "POST", "/volumes/prune", "", key("remove unused volumes") },
        { "GET", "/volumes", "", key("list or describe volumes") },
        { "DELETE", "/volumes/", "", key("remove a volume") },
        { "GET", "/events", "", key("report what happens") },
        { "GET", "/system/df", "", key("tell how much is stored") },
        { "GET", "/info", "", key("tell about itself") },
        { "GET", "/version", "", key("tell its version") },
        { "GET", "/containers/", "/json", key("list or describe containers") },
        { "DELETE", "/containers/", "", key("remove the container") },
        { "POST", "/images/create", "", key("pull an image") },
        { "POST", "/images/", "/push", key("push an image") },
        { "POST", "/images/", "/tag", key("give an image another name") },
        { "DELETE", "/images/", "", key("remove an image") },
        { "GET", "/images/", "/json", key("list or describe images") },
        { "GET", "/images/", "/history", key("tell how an image was made") },
        { "GET", "/images/", "/get", key("write an image into an archive") },
        { "GET", "/images/get", "", key("write images into an archive") },
        { "POST", "/images/load", "", key("take images from an archive") },
        { "GET", "/images/search", "", key("search for images") },
        { "POST", "/images/prune", "", key("remove images without a name") },
        { "POST", "/auth", "", key("try a password at a registry") },
        { "POST", "/build/prune", "", key("clear the build cache") },
        { "POST", "/build", "", key("build an image") },
        { "POST", "/commit", "", key("make an image of a container") },
        { "HEAD", "/_ping", "", key("say whether it is there") },
        { "GET", "/v2/", "/", key("say whether it is a registry") },
        { "GET", "/_ping", "", key("say whether it is there") },
    } };
    auto const path = short_target(target);
    for (auto const& phrase : phrases) {
        if (phrase.method == method && path.starts_with(phrase.prefix) && path.ends_with(phrase.suffix))
            return std::string(tr(phrase.text));
    }
    if (path.starts_with("/v2/") && path.find("/manifests/") != std::string::npos)
        return std::string(tr(method == "PUT" ? key("take a manifest") : key("send the manifest")));
    if (path.starts_with("/v2/") && path.find("/blobs/") != std::string::npos)
        return std::string(tr(method == "GET" ? key("send a blob")
                : method == "HEAD"            ? key("say whether it has a blob")
                                              : key("take a blob")));
    return say("answer {} {}", method, path);
}

}
