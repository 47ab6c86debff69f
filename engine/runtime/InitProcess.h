#pragma once

// The engine's side of drydock-init: starting one, giving it its order, and reading its reports.

#include "engine/init/Protocol.h"
#include "engine/os/Fd.h"
#include "sim/core/Result.h"

#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace drydock::runtime {

// The program, copied once into a sealed memory file. A container that gets hold of /proc/PID/exe of an init that is
// just joining it (CVE-2019-5736) finds a file that nobody can change.
class InitProgram {
public:
    static Result<InitProgram> load(std::filesystem::path const& program);
    std::string path() const { return "/proc/self/fd/" + std::to_string(m_file.get()); }

private:
    explicit InitProgram(os::Fd file)
        : m_file(std::move(file))
    {
    }
    os::Fd m_file;
};

struct Arrival {
    init::Report report;
    os::Fd fd; // of a report that brings one
};

// Reports as they come over one socket.
class ReportStream {
public:
    explicit ReportStream(os::Fd socket)
        : m_socket(std::move(socket))
    {
    }
    // Blocks. Empty when the other side has closed, or exec has closed it; Corrupt for bytes that are no report.
    Result<std::optional<Arrival>> next();
    Result<void> say_go_on();
    void say_no_more(); // who waits for our word, ends
    int socket() const { return m_socket.get(); }

private:
    Result<bool> receive();

    os::Fd m_socket;
    std::deque<Arrival> m_waiting;
};

struct SocketPair {
    os::Fd ours;
    os::Fd theirs;
};
Result<SocketPair> make_socket_pair();

// A running drydock-init, waiting for its order or watching over its container. Destroying it lets go of it, which ends
// it and all that it started.
class InitProcess {
public:
    static Result<InitProcess> start(InitProgram const&);
    static Result<InitProcess> start_probe(InitProgram const&);
    InitProcess(InitProcess&&) noexcept = default;
    InitProcess& operator=(InitProcess&&) = delete;
    ~InitProcess();

    int pid() const { return m_pid; }
    // The descriptors in the order in which init::Spec's fields ask for them; see receive_order() in engine/init.
    Result<void> order(init::Spec spec, std::vector<int> const& fds);
    ReportStream& control() { return *m_control; }
    void end(); // lets go and waits

private:
    static Result<InitProcess> spawn(InitProgram const&, std::vector<std::string> arguments);
    InitProcess(int pid, os::Fd control)
        : m_pid(pid)
        , m_control(std::make_unique<ReportStream>(std::move(control)))
    {
    }
    int m_pid { -1 };
    std::unique_ptr<ReportStream> m_control; // null: it has ended, or was moved away
};

}
