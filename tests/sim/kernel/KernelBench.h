#pragma once

// A simulated kernel with one container on it, and what its programs wrote.

#include "sim/kernel/Kernel.h"
#include "sim/kernel/MemoryFileSystem.h"
#include "sim/kernel/Programs.h"
#include "sim/kernel/System.h"
#include "sim/time/VirtualScheduler.h"

#include <string>

namespace drydock::kernel {

struct Outcome {
    std::string output;
    std::string errors;
    ExitStatus status;
};

struct KernelBench {
    VirtualScheduler scheduler { 1, Timestamp { 1'700'000'000'000'000'000 } };
    Kernel kernel { scheduler, "laptop" };
    std::shared_ptr<MemoryFileSystem> root = std::make_shared<MemoryFileSystem>(scheduler);

    KernelBench()
    {
        for (auto const& [name, program] : programs())
            root->put_symlink("/bin/" + name, "busybox");
        root->put_file("/bin/busybox",
            "\x7f"
            "ELF and so on",
            0755);
        root->put_file("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nana:x:1000:1000::/home/ana:/bin/sh\n");
        root->put_file("/etc/group", "root:x:0:\nana:x:1000:\n");
        (void)root->make_directory("/tmp", 01777, {});
        (void)root->make_directory("/root", 0700, {});
        for (auto const& [name, minor] : { std::pair("null", 3), { "zero", 5 }, { "full", 7 }, { "urandom", 9 } })
            root->put_device(std::string("/dev/") + name, 1, static_cast<std::uint32_t>(minor));
    }

    // PID 1 of a container of its own.
    Process& container(std::function<int(System&)> body, std::vector<std::string> args = { "init" })
    {
        auto& process
            = kernel.clone(kernel.host_namespaces(), { NamespaceKind::Pid, NamespaceKind::Mnt, NamespaceKind::Uts });
        kernel.pivot_root(
            process, { .source = "root", .target = "/", .type = "memory", .flags = "rw", .file_system = root });
        kernel.set_hostname(process, "box");
        process.env = { "PATH=/bin", "HOME=/root" };
        m_out = make_pipe(kernel);
        m_err = make_pipe(kernel);
        process.files = { { 1, std::exchange(m_out.writer, nullptr) }, { 2, std::exchange(m_err.writer, nullptr) } };
        auto input = make_pipe(kernel);
        (void)input.writer->write(nullptr, std::exchange(input_text, {}));
        process.files[0] = input.reader;
        kernel.start(process, { std::move(args), std::move(body) });
        return process;
    }
    // Runs `sh -c script` as PID 1 to its end. What it left pending ends with it.
    Outcome sh(std::string script, std::function<void(Process&)> meanwhile = {})
    {
        Outcome outcome;
        scheduler.run_until_idle([&] {
            auto& process = container([script](System& system) {
                return *system.execute("/bin/sh", { "sh", "-c", script });
            });
            auto const pid = process.host_pid;
            auto out = scheduler.spawn("out", [&] { outcome.output = drain(*m_out.reader); });
            auto err = scheduler.spawn("err", [&] { outcome.errors = drain(*m_err.reader); });
            if (meanwhile)
                meanwhile(process);
            outcome.status = kernel.wait(pid);
            out->join();
            err->join();
        });
        return outcome;
    }
    std::string input_text;

private:
    static std::string drain(OpenFile& file)
    {
        std::string all;
        std::array<char, 4096> buffer {};
        while (auto const count = file.read(nullptr, buffer).value_or(0))
            all.append(buffer.data(), count);
        return all;
    }
    Pipe m_out;
    Pipe m_err;
};

}
