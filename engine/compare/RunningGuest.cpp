#include "engine/compare/RunningGuest.h"

#include "engine/compare/Caretaker.h"
#include "engine/compare/Subprocess.h"
#include "engine/vmm/KernelImage.h"
#include "engine/vmm/MappedFile.h"
#include "engine/vmm/Monitor.h"
#include "engine/vmm/TinyGuest.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <future>
#include <mutex>
#include <span>
#include <thread>

namespace fs = std::filesystem;

namespace drydock::compare {

namespace {

constexpr Duration silence_is_an_answer = std::chrono::milliseconds(500);
constexpr std::size_t most_told = 64 << 10; // bytes of a guest's console that become events
constexpr std::size_t end_kept = 400;

// What is known about the machine so far, for whoever waits; and what is told of it, by whoever runs it.
class Progress {
public:
    Progress(GuestPlan plan, trace::Publisher pen, Clock const& clock)
        : m_plan(std::move(plan))
        , m_pen(std::move(pen))
        , m_clock(clock)
        , m_span(trace::current_span())
        , m_began(clock.now())
    {
    }

    GuestPlan const& plan() const { return m_plan; }

    template <trace::IsEvent E> void publish(E event)
    {
        // What it does once it has answered belongs to nobody's command.
        auto const span = [this] {
            std::lock_guard const lock(m_mutex);
            return m_ready ? SpanId {} : m_span;
        }();
        trace::SpanGuard const guard(span);
        m_pen.publish(std::move(event));
    }

    // Told by us where the monitor does not tell it itself.
    enum class Teller : std::uint8_t { We, Monitor };
    void reach(std::string const& phase, Teller teller = Teller::We)
    {
        auto const elapsed = m_clock.now() - m_began;
        if (teller == Teller::We)
            publish(trace::GuestPhaseReached { m_plan.id, phase, elapsed.count() });
        if (phase == "init") // the kernel has unpacked it by now
            publish(trace::GuestMemoryMapped { m_plan.id, 0, m_plan.tree, "image " + m_plan.image, false });
        std::lock_guard const lock(m_mutex);
        if (phase == "app")
            m_app = elapsed;
        if (phase == "first output")
            m_ready = elapsed;
        m_changed.notify_all();
    }

    void wrote(std::string_view text)
    {
        if (m_plan.console)
            m_plan.console(text);
        std::lock_guard const lock(m_mutex);
        m_end += text;
        if (m_end.size() > 2 * end_kept)
            m_end.erase(0, m_end.size() - end_kept);
    }

    void ended(int status)
    {
        std::lock_guard const lock(m_mutex);
        m_status = status;
        m_changed.notify_all();
    }

    Result<Duration> wait_until_ready(Duration limit)
    {
        auto const until = std::chrono::steady_clock::now() + limit;
        std::unique_lock lock(m_mutex);
        while (!m_ready && !m_status) {
            auto const now = std::chrono::steady_clock::now();
            if (now >= until)
                return fail(
                    ErrorKind::LimitExceeded, fmt::format("the guest was not ready after {}", human_duration(limit)));
            auto const wake = m_app ? std::min(until, now + silence_is_an_answer) : until;
            bool const told = m_changed.wait_until(lock, wake) == std::cv_status::no_timeout;
            if (!told && m_app && !m_ready && !m_status)
                m_ready = m_app;
        }
        if (m_ready)
            return *m_ready;
        return fail(ErrorKind::Unavailable, "the guest ended before it was ready: " + m_end);
    }

    Result<int> wait(Duration limit)
    {
        std::unique_lock lock(m_mutex);
        if (!m_changed.wait_for(lock, limit, [this] { return m_status.has_value(); }))
            return fail(ErrorKind::LimitExceeded, "the guest runs on");
        return *m_status;
    }

    bool has_ended() const
    {
        std::lock_guard const lock(m_mutex);
        return m_status.has_value();
    }

    void remove_files() const
    {
        std::error_code ignored;
        if (!m_plan.directory.empty())
            fs::remove_all(m_plan.directory, ignored);
    }

private:
    GuestPlan m_plan;
    trace::Publisher m_pen;
    Clock const& m_clock;
    SpanId m_span;
    Timestamp m_began;
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    std::optional<Duration> m_app, m_ready;
    std::optional<int> m_status;
    std::string m_end; // of what it said
};

// What it has told is known in one way, whatever it runs on.
class ToldGuest : public RunningGuest {
public:
    Result<Duration> wait_until_ready(Duration limit) override { return m_progress.wait_until_ready(limit); }
    Result<int> wait(Duration limit) override { return m_progress.wait(limit); }
    bool has_ended() const override { return m_progress.has_ended(); }

protected:
    ToldGuest(GuestPlan plan, trace::Publisher pen, Clock const& clock)
        : m_progress(std::move(plan), std::move(pen), clock)
    {
    }

    // Should we be killed, nobody else is left to end it.
    Result<void> leave_to_caretaker(pid_t group)
    {
        m_caretaker.emplace(TRY(Caretaker::watch(group, m_progress.plan().directory)));
        return {};
    }

    Progress m_progress;

private:
    std::optional<Caretaker> m_caretaker;
};

// ---- QEMU and User-Mode Linux: a process ----

// What stands in the text of a machine that starts, and the phase that begins there. In order.
struct Sign {
    std::string_view text;
    char const* phase;
};
constexpr std::array qemu_signs { Sign { "SeaBIOS", "firmware" }, Sign { "Booting from", "boot loader" },
    Sign { "Linux version", "kernel" } };
// The last thing that it finds out about its host; after it the kernel begins.
constexpr std::array uml_signs { Sign { "Checking PROT_EXEC", "kernel" } };

struct PipeEnds {
    os::Fd read, write;
};

// Numbers far above those that a program is given.
Result<PipeEnds> high_pipe()
{
    constexpr int above = 16;
    int ends[2] {};
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return failed("pipe2(2)", errno);
    os::Fd const read(ends[0]);
    os::Fd const write(ends[1]);
    PipeEnds high { os::Fd(::fcntl(read.get(), F_DUPFD_CLOEXEC, above)),
        os::Fd(::fcntl(write.get(), F_DUPFD_CLOEXEC, above)) };
    if (!high.read || !high.write)
        return failed("fcntl(2)", errno);
    return high;
}

class ProcessGuest final : public ToldGuest {
public:
    ProcessGuest(GuestPlan plan, trace::Publisher pen, Clock const& clock)
        : ToldGuest(std::move(plan), std::move(pen), clock)
        , m_wake(::eventfd(0, EFD_CLOEXEC))
    {
    }
    ~ProcessGuest() override
    {
        stop("its monitor was ended");
        m_thread = {}; // joins
        m_progress.remove_files();
    }

    Result<void> begin()
    {
        if (!m_wake)
            return failed("eventfd(2)", errno);
        std::promise<Result<void>> begun;
        auto future = begun.get_future();
        m_thread = std::jthread([this, &begun] { run(begun); });
        return future.get();
    }

    void stop(std::string reason) override
    {
        if (!m_thread.joinable())
            return;
        {
            std::lock_guard const lock(m_mutex);
            if (m_reason.empty())
                m_reason = std::move(reason);
        }
        std::uint64_t const one = 1;
        static_cast<void>(::write(m_wake.get(), &one, sizeof one));
        static_cast<void>(m_progress.wait(std::chrono::seconds(20)));
    }

private:
    bool is_qemu() const { return m_progress.plan().rung != Rung::UserModeLinux; }

    Result<Subprocess> spawn()
    {
        auto files = m_progress.plan().files;
        files.tells = true;
        auto const command = TRY(machine_command(m_progress.plan().rung, files));
        auto marks = TRY(high_pipe());
        auto boot = TRY(high_pipe());
        std::vector<Given> given { { marks.write.get(), tells_marks } };
        if (is_qemu())
            given.insert(given.end(), { { boot.write.get(), tells_firmware }, { boot.write.get(), tells_kernel } });
        else
            given.push_back({ boot.write.get(), STDERR_FILENO });
        auto process = TRY(Subprocess::start(command, "/dev/null", given));
        TRY(leave_to_caretaker(process.pid()));
        m_marks = std::move(marks.read);
        m_boot = std::move(boot.read);
        return process;
    }

    void run(std::promise<Result<void>>& begun)
    {
        auto process = spawn();
        if (!process) {
            m_progress.ended(125);
            begun.set_value(tl::unexpected(process.error()));
            return;
        }
        auto const& plan = m_progress.plan();
        auto const memory = plan.files.memory << 20U;
        m_progress.publish(
            trace::GuestMachineCreated { plan.id, plan.name, std::string(to_string(plan.rung)), memory, 1 });
        m_progress.publish(trace::GuestMemoryMapped { plan.id, 0, memory, "RAM", false });
        m_progress.reach("create");
        begun.set_value({});
        bool const stopped = follow(*process);
        auto const status = stopped ? Result<int>(137) : process->wait(std::chrono::seconds(5));
        process->kill();
        print_rest();
        std::lock_guard const lock(m_mutex);
        m_progress.publish(
            trace::GuestMachineStopped { plan.id, m_reason.empty() ? "its monitor ended" : m_reason, 0 });
        m_progress.ended(status.value_or(125));
    }

    // Reads what it says until there is nothing more or somebody stops it; true for that.
    bool follow(Subprocess const& process)
    {
        for (;;) {
            std::array<pollfd, 4> wait { { { process.descriptor(), POLLIN, 0 }, { m_marks.get(), POLLIN, 0 },
                { m_boot.get(), POLLIN, 0 }, { m_wake.get(), POLLIN, 0 } } };
            if (::poll(wait.data(), wait.size(), -1) < 0 && errno != EINTR)
                return true;
            if (wait[3].revents != 0)
                return true;
            // In the order in which a machine starts, for all may have come by now.
            if (wait[2].revents != 0)
                read_boot();
            if (wait[1].revents != 0)
                read_marks();
            if (wait[0].revents != 0 && !read_console(process.descriptor()))
                return false;
        }
    }

    static std::string read_piece(int descriptor)
    {
        std::string piece(4096, '\0');
        auto const count = ::read(descriptor, piece.data(), piece.size());
        piece.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return piece;
    }

    void read_boot()
    {
        auto const piece = read_piece(m_boot.get());
        if (piece.empty())
            return m_boot.reset();
        m_said += piece;
        auto const signs = is_qemu() ? std::span<Sign const>(qemu_signs) : std::span<Sign const>(uml_signs);
        while (m_signs < signs.size()) {
            auto const at = m_said.find(signs[m_signs].text);
            if (at == std::string::npos)
                break;
            m_said.erase(0, at + signs[m_signs].text.size());
            m_progress.reach(signs[m_signs].phase);
            ++m_signs;
            if (m_signs == signs.size())
                tell_kernel();
        }
        if (m_signs == signs.size())
            m_said.clear();
        else if (m_said.size() > most_told)
            m_said.erase(0, m_said.size() - most_told);
    }

    // It runs, so it has been loaded.
    void tell_kernel()
    {
        auto const& files = m_progress.plan().files;
        auto const kernel = is_qemu() ? files.kernel : fs::path(find_program("linux.uml").value_or("linux.uml"));
        std::error_code error;
        auto const size = fs::file_size(kernel, error);
        auto const initramfs = fs::file_size(files.initramfs, error);
        std::string format = "ELF";
        if (auto const file = vmm::MappedFile::open(kernel); file && is_qemu()) {
            if (auto const image = vmm::parse_kernel(file->bytes()))
                format = to_string(image->format);
        }
        m_progress.publish(trace::GuestKernelLoaded {
            m_progress.plan().id, kernel.string(), format, error ? 0 : size, 0, error ? 0 : initramfs, "" });
    }

    void read_marks()
    {
        auto const letters = read_piece(m_marks.get());
        if (letters.empty())
            return m_marks.reset();
        for (auto const letter : letters)
            m_progress.reach(vmm::phase_name(static_cast<std::uint8_t>(letter)));
    }

    bool read_console(int descriptor)
    {
        auto piece = read_piece(descriptor);
        if (piece.empty())
            return false;
        std::erase(piece, '\r');
        if (!m_has_written && !piece.empty()) {
            m_has_written = true;
            m_progress.reach("first output");
        }
        m_progress.wrote(piece);
        m_untold += piece;
        if (auto const lines = m_untold.rfind('\n') + 1; lines > 0)
            tell_console(lines);
        return true;
    }

    void tell_console(std::size_t size)
    {
        if (m_told <= most_told)
            m_progress.publish(
                trace::GuestConsoleWritten { m_progress.plan().id, m_untold.substr(0, std::min(size, most_told)) });
        m_told += size;
        m_untold.erase(0, size);
    }

    void print_rest()
    {
        if (!m_untold.empty())
            tell_console(m_untold.size());
    }

    os::Fd m_wake;
    os::Fd m_marks, m_boot; // what it tells by
    std::string m_said;     // of its boot, as far as no sign has been found in it
    std::size_t m_signs { 0 };
    bool m_has_written { false };
    std::string m_untold; // until the line is complete
    std::size_t m_told { 0 };
    std::mutex m_mutex;
    std::string m_reason; // why it shall stop
    std::jthread m_thread;
};

// ---- Our own monitor: a thread ----

class MonitoredGuest final : public ToldGuest {
public:
    MonitoredGuest(GuestPlan plan, trace::Publisher pen, Clock const& clock)
        : ToldGuest(std::move(plan), pen, clock)
        , m_pen(std::move(pen))
        , m_clock(clock)
    {
    }
    ~MonitoredGuest() override
    {
        stop("its monitor was ended");
        m_thread = {}; // joins
        m_machine.reset();
        m_progress.remove_files();
    }

    Result<void> begin()
    {
        auto const& plan = m_progress.plan();
        auto const kvm = TRY(vmm::Kvm::open());
        TRY(leave_to_caretaker(0));
        m_machine = TRY(vmm::Monitor::create(kvm,
            { .id = plan.id,
                .name = plan.name,
                .memory = plan.files.memory << 20U,
                .console = [this](std::string_view text) { m_progress.wrote(text); },
                .reached
                = [this](vmm::PhaseMark const& mark) { m_progress.reach(mark.name, Progress::Teller::Monitor); } },
            m_pen, m_clock));
        TRY(m_machine->load_linux({ .kernel = plan.files.kernel,
            .initramfs = plan.files.initramfs,
            .command_line = vmm::kernel_command_line() }));
        m_thread = std::jthread([this, span = trace::current_span()] {
            trace::SpanGuard const guard(span);
            auto const stopped = m_machine->run();
            m_progress.ended(stopped ? 0 : 125);
        });
        return {};
    }

    void stop(std::string reason) override
    {
        if (!m_thread.joinable())
            return;
        m_machine->stop(std::move(reason));
        static_cast<void>(m_progress.wait(std::chrono::seconds(20)));
    }

private:
    trace::Publisher m_pen;
    Clock const& m_clock;
    std::unique_ptr<vmm::Monitor> m_machine;
    std::jthread m_thread;
};

template <class Guest> Result<std::unique_ptr<RunningGuest>> started(std::unique_ptr<Guest> guest)
{
    TRY(guest->begin());
    return guest;
}

}

Result<std::unique_ptr<RunningGuest>> RunningGuest::start(GuestPlan plan, trace::Publisher pen, Clock const& clock)
{
    if (plan.rung == Rung::Model)
        return fail(ErrorKind::InvalidInput, "the model boots nothing");
    if (plan.rung == Rung::OwnMonitor)
        return started(std::make_unique<MonitoredGuest>(std::move(plan), std::move(pen), clock));
    return started(std::make_unique<ProcessGuest>(std::move(plan), std::move(pen), clock));
}

}
