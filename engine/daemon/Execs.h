#pragma once

// Commands that run beside a container's own (`docker exec`). An exec is created, started once, and can be asked for
// its exit status as long as the daemon lives.

#include "engine/daemon/ContainerManager.h"

namespace drydock::daemon {

struct ExecConfig {
    std::vector<std::string> command;
    std::vector<std::string> env;
    std::string user;
    std::string working_dir;
    bool tty { false };
    bool attach_stdin { false };
    bool privileged { false };
    std::int64_t rows { 0 };
    std::int64_t columns { 0 };
};
Result<ExecConfig> parse_exec_body(nlohmann::ordered_json const& body);

// What the runtime is asked for: the container's own environment and user where the exec says nothing.
runtime::LaunchSpec launch_spec(ContainerRecord const&, ExecConfig const&);

class Exec {
public:
    Exec(Scheduler&, std::string id, std::shared_ptr<Container>, ExecConfig);

    struct State {
        bool started { false };
        bool running { false };
        int exit_code { 0 };
        std::int64_t pid { 0 };
    };
    State state() const;
    std::shared_ptr<runtime::ContainerProcess> process() const;

    std::string const id;
    std::shared_ptr<Container> const container;
    ExecConfig const config;
    Feed<OutputChunk> output;

private:
    friend class Execs;
    std::mutex mutable m_mutex; // guards what follows
    State m_state;
    std::shared_ptr<runtime::ContainerProcess> m_process;
};

class Execs {
public:
    explicit Execs(Seams& seams, ContainerManager& containers, SheetObserver& sheets, Tasks& tasks)
        : m_seams(seams)
        , m_containers(containers)
        , m_sheets(sheets)
        , m_tasks(tasks)
    {
    }

    Result<std::shared_ptr<Exec>> create(std::shared_ptr<Container>, ExecConfig);
    Result<std::shared_ptr<Exec>> find(std::string const& id) const;
    std::vector<std::string> running_in(ContainerId const&) const; // ids
    // Conflict where it has been started before.
    Result<void> start(std::shared_ptr<Exec> const&);

private:
    void run_to_end(Exec&, std::shared_ptr<runtime::ContainerProcess>);

    Seams& m_seams;
    ContainerManager& m_containers;
    SheetObserver& m_sheets;
    Tasks& m_tasks;
    std::mutex mutable m_mutex; // guards the map
    std::map<std::string, std::shared_ptr<Exec>> m_execs;
};

}
