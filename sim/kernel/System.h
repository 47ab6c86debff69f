#pragma once

// The system calls of one process: all that a program of the simulated world can do. Paths may be relative and are
// followed through symlinks and mounts, as path_resolution(7) says. Any call may unwind the program, when a signal
// ends the process.

#include "sim/kernel/Kernel.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::kernel {

using Args = std::vector<std::string>;

struct OpenFlags {
    bool read { false };
    bool write { false };
    bool create { false };
    bool truncate { false };
    bool append { false };
};
constexpr OpenFlags open_to_read { .read = true };
constexpr OpenFlags open_to_write { .write = true, .create = true, .truncate = true };
constexpr OpenFlags open_to_append { .write = true, .create = true, .append = true };

enum class Follow : std::uint8_t { No, Yes }; // whether a symlink in the last place is followed

class System {
public:
    System(Kernel& kernel, Process& process)
        : m_kernel(kernel)
        , m_process(process)
    {
    }

    Kernel& kernel() { return m_kernel; }
    Process& process() { return m_process; }
    Timestamp now() const { return m_kernel.scheduler().now(); }

    // ---- Files ----
    Result<int> open(std::string const& path, OpenFlags, std::uint32_t mode = 0666);
    Result<std::size_t> read(int fd, std::span<char> buffer);
    Result<void> write(int fd, std::string_view bytes); // all of it; SIGPIPE for a pipe that nobody reads
    void close(int fd);
    Result<void> duplicate(int from, int to); // dup2(2)
    std::pair<int, int> pipe();               // read end, write end
    std::map<int, std::shared_ptr<OpenFile>> files() const;
    void set_files(std::map<int, std::shared_ptr<OpenFile>>);
    Result<std::string> read_all(int fd);
    Result<std::string> read_file(std::string const& path);

    Result<Attributes> stat(std::string const& path, Follow = Follow::Yes);
    Result<std::vector<DirectoryEntry>> list(std::string const& path);
    Result<std::string> read_link(std::string const& path);
    Result<std::string> real_path(std::string const& path); // every symlink followed
    Result<void> make_directory(std::string const& path, std::uint32_t mode = 0777);
    Result<void> make_symlink(std::string const& path, std::string const& target);
    Result<void> make_node(std::string const& path, Attributes node); // mknod(2): of a device or fifo
    Result<void> link(std::string const& existing, std::string const& path);
    Result<void> unlink(std::string const& path);
    Result<void> remove_directory(std::string const& path);
    Result<void> rename(std::string const& from, std::string const& to);
    Result<void> change_mode(std::string const& path, std::uint32_t mode);
    Result<void> change_owner(std::string const& path, Owner, Follow);
    Result<void> set_mtime(std::string const& path, std::int64_t mtime);
    Result<void> change_directory(std::string const& path);
    Result<void> change_root(std::string const& path); // chroot(2)
    std::string working_directory() const;             // as getcwd(3)
    // mount(2) of an empty tmpfs, the only kind that can be made anew here.
    Result<void> mount(
        std::string const& source, std::string const& target, std::string const& type, std::string const& flags);
    Result<void> unmount(std::string const& target);
    enum class Access : std::uint8_t { Execute = 1, Write = 2, Read = 4 };
    bool may(Attributes const&, Access) const;

    // ---- Sockets ----
    Result<int> listen(std::uint16_t port); // EADDRINUSE
    Result<int> accept(int fd);
    Result<int> connect(std::uint32_t address, std::uint16_t port);
    void shutdown_write(int fd);
    // As getaddrinfo(3): numbers, /etc/hosts, then the resolver.
    std::optional<std::uint32_t> resolve_host(std::string const& name);
    Result<void> open_ping_socket() const;                     // icmp(7): EPERM
    std::optional<Duration> round_trip(std::uint32_t address); // nothing: no answer comes
    std::vector<Interface> interfaces() const;

    // ---- Processes ----
    Result<std::int64_t> fork(Args args, std::function<int(System&)> child); // the child's pid; EAGAIN
    // The two halves of execve(2): what would run, and running it. `run` comes back with the program's exit status,
    // which the caller has to return at once. ENOEXEC for what only a real machine could run.
    struct Loaded {
        int (*program)(System&, Args const&) { nullptr };
        Args command_line; // as ps shows it
        Args called;       // what the program gets
    };
    Result<Loaded> load(std::string const& path, Args const& args);
    int run(Loaded const&);
    Result<int> execute(std::string const& path, Args const& args);
    // As execvp(3): a name without a slash is looked up in PATH.
    Result<std::string> find_program(std::string const& name);
    Result<Kernel::Waited> wait(std::int64_t pid, Kernel::Block = Kernel::Block::Yes);
    Result<void> kill(std::int64_t pid, int signal);
    Result<void> become(Owner); // setgid(2) and setuid(2)
    void set_disposition(int signal, Disposition);
    std::optional<int> take_signal(); // a handled signal that has arrived
    Result<void> sleep(Duration);     // EINTR
    std::string hostname() const;
    Result<void> set_hostname(std::string);
    void hold_memory(std::uint64_t bytes) { m_kernel.hold_memory(m_process, bytes); } // in place of what it held
    void compute(Duration cost) { m_kernel.finish_call(m_process, cost); } // processor time that a program takes

    std::optional<std::string> get_env(std::string_view name) const;

    // ---- Standard output as stdio keeps it: in a buffer that goes out when it is full or the program ends ----
    void print(std::string_view text);
    void complain(std::string_view text); // to standard error, at once
    void flush();

private:
    struct Location {
        std::shared_ptr<FileSystem> file_system;
        std::string path; // inside that filesystem
        std::string full; // as the process names it
        bool read_only { false };
    };
    Location locate(std::string const& full) const;
    Result<Location> resolve(std::string const& path, Follow, std::string_view call) const;
    Result<Location> resolve_below(
        std::string const& root, std::string const& path, Follow, std::string_view call) const;
    // The same for something that is to be made, changed or removed in its directory.
    Result<Location> resolve_for_change(std::string const& path, std::string_view call) const;
    Result<Location> resolve_for_removal(std::string const& path, std::string_view call) const;
    Result<std::shared_ptr<OpenFile>> file(int fd, std::string_view call) const;
    Result<std::shared_ptr<OpenFile>> open_location(Location const&, Attributes const&, OpenFlags);
    int add_file(std::shared_ptr<OpenFile>);
    Result<Args> interpret(std::string const& path, Args args); // "#!"
    Owner owner() const { return m_process.owner; }

    Kernel& m_kernel;
    Process& m_process;
    std::string m_output;
};

}
