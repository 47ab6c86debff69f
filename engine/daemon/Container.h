#pragma once

// One container: its record (what it was made from and how it is), the process while it runs, and its output. The
// states are docker's:
//
//   created ──start──► running ◄──pause/unpause──► paused
//      │                  │ ends, or is stopped
//      └────── rm ◄──── exited ──start──► running …

#include "engine/daemon/ContainerConfig.h"
#include "engine/daemon/ContainerLog.h"
#include "engine/runtime/Runtime.h"
#include "sim/core/Id.h"

namespace drydock::daemon {

inline constexpr std::size_t id_digits = 64; // hex, of a container or an exec

enum class Status : std::uint8_t {
    Created,
    Running,
    Paused,
    Restarting, // it has ended, and its restart policy will start it again
    Exited,
    Removing,
};
std::string_view to_string(Status);

struct ContainerState {
    Status status { Status::Created };
    std::int64_t pid { 0 }; // on the host
    int exit_code { 0 };
    std::string error; // why the last start failed
    bool out_of_memory { false };
    bool stopped_by_user { false }; // for the restart policy
    std::int64_t restarts { 0 };    // by the policy, since somebody last started it
    Timestamp started;              // 0: never
    Timestamp finished;

    bool running() const { return status == Status::Running || status == Status::Paused; }
};

// What containers/<id>/config.json keeps.
struct ContainerRecord {
    ContainerId id;
    std::string name; // without the slash that the API puts in front
    Timestamp created;
    oci::Digest image;
    std::vector<oci::DiffId> layers; // of the image, bottom first
    ContainerConfig config;
    HostConfig host;
    std::map<std::string, EndpointRequest> endpoints; // by network; the mode's own may be left out
    std::vector<MountPoint> mounts;
    ContainerState state;
};
std::string to_document(ContainerRecord const&);
Result<ContainerRecord> parse_record(std::string_view document);

// A port of a running container that the host listens for.
struct PublishedPort {
    std::string port; // "80/tcp"
    std::string host_address;
    std::uint16_t host_port { 0 };
    bool follows { false }; // the IPv6 half of one that was asked for without an address, told of with the other half
};

struct OutputChunk {
    bool to_stderr { false };
    std::string bytes;
};

// What the health check of a running container has found so far.
struct Health {
    struct Probe {
        Timestamp begun;
        Timestamp ended;
        int exit_code { 0 };
        std::string output;
    };
    std::string status; // "starting", "healthy", "unhealthy"; empty: nobody asks
    std::int64_t failing_streak { 0 };
    std::vector<Probe> log; // the last five
};

// In what somebody waits for at a container. Guarded by the container.
struct Interest {
    bool lost { false };
};

enum class WaitFor : std::uint8_t {
    NotRunning,
    NextExit, // an exit that has not been yet
    Removed,
};

class Container {
public:
    Container(Scheduler&, content::Storage&, ContainerRecord);

    ContainerId const& id() const { return m_id; }
    Timestamp created() const { return m_created; }
    ContainerRecord record() const; // as of now
    ContainerState state() const;
    std::string key() const { return "containers/" + m_id.value; }

    // Operations on the life cycle (start, restart, rename, remove) happen one after the other.
    class Turn {
    public:
        explicit Turn(Container&);
        ~Turn();
        Turn(Turn const&) = delete;
        Turn& operator=(Turn const&) = delete;

    private:
        Container& m_container;
    };

    // Changes the record and tells those who wait.
    void change(std::function<void(ContainerRecord&)> const& how);
    // Makes the record durable.
    Result<void> save();

    // Makes the record durable as it will be, before anybody is told.
    Result<void> save_as(std::function<void(ContainerRecord&)> const& how);

    // A run begins with its process and ends with its exit, or, where it never came to a process, with a failed start.
    // The record changes in the same step, and those who are attached or follow the log come to their end.
    void begin_run(std::shared_ptr<runtime::ContainerProcess>, std::function<void(ContainerRecord&)> const& how);
    void end_run(std::function<void(ContainerRecord&)> const& how);
    std::uint64_t runs_ended() const;
    bool keeps_log() const { return m_keeps_log; }
    std::vector<PublishedPort> published() const;
    void set_published(std::vector<PublishedPort>);
    Health health() const;
    void set_health(Health);
    // Sleeps until the deadline, or until it is started, stopped or removed by somebody, or the daemon ends; true when
    // the deadline came and the container still waits for its restart.
    bool wait_to_restart(Timestamp deadline);
    std::shared_ptr<runtime::ContainerProcess> process() const; // null unless it runs

    // The log, followed as long as the run goes on.
    Result<ContainerLog::Reading> open_log(ContainerLog::Mode);

    void mark_removed();
    bool removed() const;
    // No more waiting: the daemon ends.
    void abandon();

    // Blocks until it happens, counting from `runs_ended` for NextExit; false when the daemon ends or the interest is
    // lost before.
    bool wait_for(WaitFor, std::uint64_t runs_ended, Interest const&);
    // Ends the waits of somebody who has gone.
    void lose(Interest&);
    // Blocks until the run after `runs_ended` others has ended; false at the deadline.
    bool wait_for_end_of_run(std::uint64_t runs_ended, std::optional<Timestamp> deadline);
    // Blocks for the process of the run after `runs_ended` others; null when there will be none, it has ended, or
    // nobody is interested any more.
    std::shared_ptr<runtime::ContainerProcess> wait_for_process(std::uint64_t runs_ended, Interest const&);

    ContainerLog log;
    Feed<OutputChunk> output; // to those who are attached

private:
    ContainerId m_id;
    Timestamp m_created;
    bool m_keeps_log { true };
    content::Storage& m_storage;
    std::mutex mutable m_mutex; // guards what follows
    std::unique_ptr<Condition> m_changed;
    ContainerRecord m_record;
    std::shared_ptr<runtime::ContainerProcess> m_process;
    Health m_health;
    std::vector<PublishedPort> m_published;
    std::uint64_t m_runs_ended { 0 };
    bool m_turn_taken { false };
    bool m_removed { false };
    bool m_abandoned { false };
    std::mutex m_saving; // a later record is never overwritten by an earlier one
};

}
