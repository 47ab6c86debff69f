#pragma once

// What a file descriptor refers to: a file, a device, an end of a pipe.

#include "sim/kernel/FileSystem.h"
#include "sim/kernel/Process.h"

#include <functional>
#include <memory>
#include <span>
#include <string>

namespace drydock::kernel {

class Kernel;

class OpenFile {
public:
    virtual ~OpenFile() = default;
    // `reader` and `writer` are the process that asks, null for somebody outside the kernel. EINTR when a handled
    // signal came first.
    virtual Result<std::size_t> read(Process* reader, std::span<char> buffer) = 0; // 0 at the end
    virtual Result<void> write(Process* writer, std::string_view bytes) = 0;
    virtual Attributes attributes() const { return { .type = FileType::Fifo, .mode = 0600 }; }
};

// Bytes on their way from a writer to a reader: a pipe, or one direction of a socket. 64 KiB of them (pipe(7)). The
// kernel's mutex guards what it holds, and is taken by what it does.
class Channel {
public:
    explicit Channel(Kernel&);
    // 0 once there is no writer, EINTR when a handled signal came first.
    Result<std::size_t> read(Process* reader, std::span<char> buffer);
    Result<void> write(Process* writer, std::string_view bytes); // EPIPE once there is no reader
    void end_reading();
    void end_writing();
    bool has_reader() const;

private:
    Kernel& m_kernel;
    std::unique_ptr<Condition> m_changed;
    std::string m_bytes;
    bool m_has_reader { true };
    bool m_has_writer { true };
};

struct Pipe {
    std::shared_ptr<OpenFile> reader;
    std::shared_ptr<OpenFile> writer;
};

// pipe(7): 64 KiB of capacity; the end when every writer is closed, EPIPE when every reader is.
Pipe make_pipe(Kernel&);

struct OpenMode {
    bool read { true };
    bool write { false };
    bool append { false };
};
std::shared_ptr<OpenFile> make_file(std::shared_ptr<FileSystem>, std::string path, OpenMode);
// The character devices that Docker gives a container; null for others.
std::shared_ptr<OpenFile> make_device(std::uint32_t major, std::uint32_t minor);

}
