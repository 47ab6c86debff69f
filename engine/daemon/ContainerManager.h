#pragma once

// All containers of this daemon and what can be done with them. What a request has been told is durable: a record is
// written before it is acknowledged. A directory without a record is an intent that the next start sweeps (HARDENING
// R2).
//
//   containers/<id>/config.json   the record
//   containers/<id>/log           what it wrote
//   containers/<id>/upper, work   its writable layer (not in the simulated world)

#include "engine/daemon/Container.h"
#include "engine/daemon/Daemon.h"
#include "engine/daemon/EventFeed.h"
#include "engine/daemon/Networks.h"
#include "engine/daemon/Roots.h"
#include "engine/daemon/SheetObserver.h"
#include "engine/daemon/Tasks.h"
#include "engine/daemon/Volumes.h"
#include "engine/image/ImageStore.h"
#include "engine/network/DatagramRelay.h"
#include "engine/network/PortRelay.h"

#include <atomic>
#include <map>

namespace drydock::daemon {

// Whether a request found anything left to do; docker answers 304 where not.
enum class Effect : std::uint8_t { Done, NothingToDo };
enum class Force : std::uint8_t { No, Yes };
enum class AnonymousVolumes : std::uint8_t { Keep, Remove };

class ContainerManager {
public:
    // What it works with; all outlive it.
    struct Parts {
        Seams& seams;
        image::ImageStore& images;
        Roots& roots;
        SheetObserver& sheets;
        Volumes& volumes;
        Networks& networks;
        EventFeed& events;
        Tasks& tasks;
        runtime::HostDisk* disk; // null: binds are of the real machine's
    };
    explicit ContainerManager(Parts);

    // Loads the records and rolls back what a crash left: intents and leftovers go, running containers come back as
    // exited with 137, those with AutoRemove go (R9). Where they are to be resumed, none goes, and resume() starts
    // them.
    enum class Interrupted : std::uint8_t { Dead, ToResume };
    Result<void> load(Interrupted);
    void resume();

    // Publishes the containers that load() found, each with its sheet and how it ended. The images come first.
    void announce() const;

    // NotFound "No such image: …" (published as ImageNotFoundLocally), Conflict for a taken name.
    Result<std::shared_ptr<Container>> create(std::string name, CreateBody);
    Result<Effect> start(std::shared_ptr<Container> const&);
    struct StopOptions {
        std::optional<int> signal;
        std::optional<std::int64_t> timeout; // seconds; negative: for ever
    };
    Result<Effect> stop(Container&, StopOptions const&);
    Result<void> restart(std::shared_ptr<Container> const&, StopOptions const&);
    Result<void> kill(Container&, int signal);
    Result<void> pause(Container&);
    Result<void> unpause(Container&);
    Result<void> rename(Container&, std::string name);
    Result<void> remove(std::shared_ptr<Container> const&, Force, AnonymousVolumes = AnonymousVolumes::Keep);
    // Starts what was running or shall always run, by the restart policies; once, after load().
    void start_by_policy();
    std::vector<std::shared_ptr<Container>> users_of_volume(std::string const& name) const;
    Result<std::vector<unionfs::Change>> changes(Container const&);
    // Now where the container runs, and whenever it starts from now on.
    Result<void> connect_network(Container&, std::string const& network, EndpointRequest const&);
    Result<void> disconnect_network(Container&, std::string const& network);

    // By full id, name, or unique beginning of an id. NotFound "No such container: x".
    Result<std::shared_ptr<Container>> find(std::string const& name) const;
    std::vector<std::shared_ptr<Container>> list() const;            // newest first
    std::vector<std::string> links_of(ContainerRecord const&) const; // "/db:/web/data", as `docker inspect` shows them
    // A container of an image, if there is one, and one that runs before others.
    std::optional<image::ImageStore::User> user_of(oci::Digest const& image) const;

    // Kills what runs and lets everybody who waits go.
    void shut_down();
    void publish_event(Container const&, std::string action, std::map<std::string, std::string> extra = {});

private:
    Result<void> load_one(std::string const& id, Interrupted);
    Result<void> claim_name(std::string const& name, ContainerId const&);
    Result<void> make_durable(Container&);
    void announce(ContainerRecord const&) const;
    void forget(Container const&);
    void hold_layers(ContainerRecord const&);

    Result<std::shared_ptr<runtime::ContainerProcess>> launch(Container&);
    enum class Run : std::uint8_t { New, Resumed };
    Result<Effect> start_in_turn(std::shared_ptr<Container> const&, Run = Run::New);
    // Makes the volumes that a new container needs, and fills those that are new with what the image has there.
    Result<void> prepare_mounts(ContainerRecord&);
    Result<void> add_mounts_of_others(ContainerRecord&) const; // --volumes-from
    Result<void> fill_volume(ContainerRecord const&, MountPoint const&);
    Result<void> remove_anonymous_volumes(ContainerRecord const&);
    Result<void> add_mounts(runtime::LaunchSpec&, ContainerRecord const&);
    void tell_of_mounts(Container const&, std::string const& action);
    // What holds a running container's networks together.
    struct Connection {
        std::shared_ptr<runtime::NetworkNamespace> inside;
        bool has_resolver { false };
        std::unique_ptr<networking::NameServer> name_server; // null where the namespace is a model
        std::vector<std::unique_ptr<networking::PortRelay>> relays;
        std::vector<std::unique_ptr<networking::DatagramRelay>> datagram_relays;
    };
    Result<void> resolve_network_mode(CreateBody&, ContainerId const&) const;
    Result<std::shared_ptr<Container>> namespace_owner(std::string const& mode, char const* kind) const;
    Result<void> share_namespaces(runtime::LaunchSpec&, ContainerRecord const&) const;
    Result<void> join_networks(runtime::LaunchSpec&, ContainerRecord const&);
    Result<void> share_network(runtime::LaunchSpec&, std::string const& with) const;
    Result<void> resolve_links(HostConfig&) const;
    Result<void> add_links(runtime::LaunchSpec&, ContainerRecord const&) const;
    void tell_linked(ContainerId const&) const;
    Result<void> connect(ContainerId const&, std::shared_ptr<runtime::NetworkNamespace> const&, bool own_resolver);
    Result<void> start_resolver(ContainerRecord const&, Connection&);
    Result<void> tell_of_network(Container&, Connection&, NetworkEndpoint const&);
    Result<void> publish_ports(Container&, Connection&);
    Result<std::uint16_t> publish_port(Container&, Connection&, PublishedPort const& wanted);
    Error not_published(Container const&, PublishedPort const& wanted, Error const&) const;
    bool hears_ipv6(Connection const&);
    std::optional<networking::Address> look_up(ContainerId const& who, std::string const& name);
    void disconnect(Container&);
    bool will_restart(ContainerRecord const&, int exit_code) const;
    void restart_by_policy(std::shared_ptr<Container> const&, Duration last_run);
    void watch_health(std::shared_ptr<Container> const&, std::shared_ptr<runtime::ContainerProcess>, std::uint64_t run);
    Health::Probe probe_health(Container const&, runtime::ContainerProcess&, oci::Healthcheck const&);
    Error start_failed(std::shared_ptr<Container> const&, Error);
    void run_to_end(std::shared_ptr<Container> const&, std::shared_ptr<runtime::ContainerProcess>);
    void take_output(Container&, bool to_stderr, std::string_view bytes);
    void warn_of_lost_output(Container const&, Error const&) const;
    Result<void> send(Container&, int signal);
    Result<void> kill_and_wait(Container&);
    Result<void> give_up_restarting(Container&);

    Parts m_parts;
    std::atomic<bool> m_shutting_down { false };
    trace::Publisher m_publisher;
    std::mutex mutable m_mutex; // guards the maps
    std::map<ContainerId, std::shared_ptr<Container>> m_containers;
    struct ToResume {
        std::shared_ptr<Container> container;
        bool paused;
    };
    std::vector<ToResume> m_interrupted;
    std::map<std::string, ContainerId> m_names;
    std::map<ContainerId, std::shared_ptr<Connection>> m_connections;
    // A container needs its layers as long as it is there, whatever becomes of its image.
    std::map<ContainerId, std::unique_ptr<image::ImageStore::Hold>> m_layers;
};

}
