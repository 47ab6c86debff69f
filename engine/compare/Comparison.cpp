#include "engine/compare/Comparison.h"

#include "engine/compare/Subprocess.h"
#include "engine/os/ReadText.h"
#include "engine/vmm/TinyGuest.h"
#include "sim/core/Random.h"
#include "sim/core/Verify.h"
#include "sim/machine/BootSequence.h"
#include "sim/machine/CostModel.h"
#include "sim/machine/Shipping.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <map>
#include <sstream>
#include <thread>

namespace fs = std::filesystem;

namespace drydock::compare {

namespace {

constexpr std::chrono::seconds start_limit { 60 };
// What is slow is measured less often: an hour helps nobody in class.
constexpr std::chrono::seconds budget_each { 20 };
constexpr int call_rounds = 3;
constexpr char const* what_start = "time to first line";
constexpr char const* what_memory = "memory each";
constexpr char const* what_kernel = "kernel memory each";
constexpr char const* what_disk = "disk each";

std::string describe_host()
{
    utsname name {};
    ::uname(&name);
    auto const cpuinfo = os::read_text("/proc/cpuinfo");
    auto const line = [&](std::string_view key) {
        auto const at = cpuinfo.find(key);
        auto const begin = at == std::string::npos ? at : cpuinfo.find(": ", at);
        return begin == std::string::npos ? std::string()
                                          : cpuinfo.substr(begin + 2, cpuinfo.find('\n', begin) - begin - 2);
    };
    auto const flags = line("\nflags");
    auto const load = os::read_text("/proc/loadavg");
    return fmt::format("{} {}, {} cores, {}, {}, load {}", name.sysname, name.release,
        std::thread::hardware_concurrency(), line("\nmodel name"),
        flags.find("hypervisor") != std::string::npos ? "itself a virtual machine" : "not a virtual machine",
        load.substr(0, load.find(' ')));
}

Row row_of(std::string what, std::string subject, std::vector<double> samples, std::string unit, std::string how)
{
    auto const [low, high] = std::minmax_element(samples.begin(), samples.end());
    Row row { std::move(what), std::move(subject), { 0, std::move(unit), FigureKind::Measured, std::move(how) }, *low,
        *high, samples.size() };
    row.median.value = median_of(std::move(samples));
    return row;
}

// It goes on for a while after processes have come and gone.
KernelMemory settled_kernel_memory()
{
    constexpr std::chrono::milliseconds apart { 100 };
    constexpr std::size_t looked_at = 5;
    constexpr int at_most = 30;
    constexpr std::uint64_t settled = 64 << 10;
    std::deque<std::uint64_t> last;
    for (int i = 0; i < at_most; ++i) {
        if (i > 0)
            std::this_thread::sleep_for(apart);
        last.push_back(kernel_memory());
        if (last.size() > looked_at)
            last.pop_front();
        auto const [low, high] = std::minmax_element(last.begin(), last.end());
        if (last.size() == looked_at && (*high - *low <= settled || i + 1 == at_most))
            return { last.back(), *high - *low };
    }
    return {};
}

// One contender with what its rounds gave.
struct Course {
    Contender contender;
    std::vector<double> starts;                                    // s
    std::map<std::string, std::vector<double>, std::less<>> calls; // s, by the yardstick's names
    double spent { 0 };
    std::string failure; // the first; it takes part no more
};

// Ends what one measurement started, whatever came of it.
class Cleared {
public:
    Cleared(Contender const& contender, int instances)
        : m_contender(contender)
        , m_instances(instances)
    {
    }
    ~Cleared()
    {
        for (int i = 0; m_contender.clear && i < m_instances; ++i)
            m_contender.clear(i);
    }
    Cleared(Cleared const&) = delete;
    Cleared& operator=(Cleared const&) = delete;

private:
    Contender const& m_contender;
    int m_instances;
};

class Run {
public:
    Run(ComparisonOptions const& options, Workplace place, LineUp line_up)
        : m_options(options)
        , m_place(std::move(place))
        , m_errors((m_place.directory / "errors").string())
    {
        m_report.absent = std::move(line_up.absent);
        for (auto& contender : line_up.contenders)
            m_courses.push_back({ std::move(contender), {}, {}, 0, {} });
    }

    Result<Report> all()
    {
        starts();
        for (auto& course : m_courses) {
            if (course.failure.empty())
                memory(course);
        }
        calls();
        tiny_guest();
        say("what a change costs");
        for (auto& row : TRY(measure_change(m_place)))
            m_report.rows.push_back(std::move(row));
        for (auto const& course : m_courses) {
            if (!course.failure.empty())
                m_report.absent.push_back({ course.contender.name, "it did not work here: " + course.failure });
        }
        group_by_question();
        return std::move(m_report);
    }

private:
    void group_by_question()
    {
        std::map<std::string, std::size_t> order;
        for (auto const& row : m_report.rows)
            order.try_emplace(row.what, order.size());
        std::stable_sort(m_report.rows.begin(), m_report.rows.end(),
            [&](Row const& a, Row const& b) { return order.at(a.what) < order.at(b.what); });
    }

    void say(std::string const& what) const
    {
        if (m_options.progress)
            m_options.progress(what);
    }

    // Interleaved: everybody once, then everybody again.
    void starts()
    {
        for (int round = 0; round < m_options.rounds; ++round) {
            for (auto& course : m_courses) {
                if (!course.failure.empty() || course.spent > std::chrono::duration<double>(budget_each).count())
                    continue;
                say(fmt::format("round {} of {}: {}", round + 1, m_options.rounds, course.contender.name));
                auto const seconds = start_once(course.contender);
                if (seconds) {
                    course.starts.push_back(*seconds);
                    course.spent += *seconds;
                } else
                    course.failure = seconds.error().message();
            }
        }
        for (auto const& course : m_courses) {
            if (course.failure.empty())
                m_report.rows.push_back(
                    row_of(what_start, course.contender.name, course.starts, "s", course.contender.how));
        }
    }

    Result<Subprocess> start(Contender const& contender, std::string const& mode, int instance)
    {
        auto const command = TRY(contender.command(mode, instance));
        return Subprocess::start(command, m_errors);
    }

    // What a command said when it failed; standard error of all of them goes to one file.
    Error explained(Error error)
    {
        auto text = os::read_text(m_errors);
        std::error_code ignored;
        fs::remove(m_errors, ignored);
        while (!text.empty() && text.back() == '\n')
            text.pop_back();
        auto const last_line = text.substr(text.rfind('\n') + 1);
        return last_line.empty() ? std::move(error) : Error(error.kind(), last_line);
    }

    Result<double> start_once(Contender const& contender)
    {
        Cleared const cleared(contender, 1);
        auto process = TRY(start(contender, "line", 0));
        auto const line = process.wait_for(first_line, start_limit);
        if (!line)
            return fail(explained(line.error()));
        auto const ended = process.wait(start_limit);
        if (!ended)
            return fail(ended.error());
        return std::chrono::duration<double>(*line - process.started()).count();
    }

    void memory(Course& course)
    {
        auto const& contender = course.contender;
        auto const n = contender.memory_instances;
        say(fmt::format("memory of {}: {}", n, contender.name));
        auto const kernel_before = settled_kernel_memory();
        auto const files_before = own_files();
        {
            Cleared const cleared(contender, n);
            std::vector<Subprocess> instances;
            for (int i = 0; i < n; ++i) {
                auto process = start(contender, "idle", i);
                auto const ready
                    = process ? process->wait_for(first_line, start_limit) : tl::unexpected(process.error());
                if (!ready) {
                    course.failure = explained(ready.error()).message();
                    return;
                }
                instances.push_back(std::move(*process));
            }
            std::uint64_t bytes = 0;
            for (auto const& instance : instances)
                bytes += proportional_memory(process_tree(instance.pid()));
            auto const each = static_cast<double>(n);
            m_report.rows.push_back(row_of(what_memory, contender.name, { static_cast<double>(bytes) / each }, "B",
                fmt::format("{} that idle: memory of all processes, shared pages in parts, by {}", n, n)));
            m_report.rows.push_back(grown_kernel_memory(contender.name, kernel_before, settled_kernel_memory(), n));
            auto const files = own_files();
            m_report.rows.push_back(row_of(what_disk, contender.name,
                { static_cast<double>(files - std::min(files, files_before)) / each }, "B",
                "files that are one instance's own; the tree is mounted read-only, a guest's root lies in its memory"));
        }
    }

    // Bundles and states of runtimes; the tree and a guest's files are shared by all instances.
    std::uint64_t own_files() const
    {
        std::uint64_t bytes = 0;
        std::error_code error;
        for (auto const& entry : fs::recursive_directory_iterator(m_place.directory, error)) {
            auto const name = fs::relative(entry.path(), m_place.directory, error).string();
            if (entry.is_regular_file(error) && (name.starts_with("bundle-") || name.starts_with("state-")))
                bytes += entry.file_size(error);
        }
        return bytes;
    }

    // Interleaved as well; of each call the median of the rounds, each of which is the best of five.
    void calls()
    {
        static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> names { {
            { "getppid", "system call (getppid)" },
            { "open+close", "open and close a directory" },
            { "mmap+touch+munmap", "map, touch and unmap a page" },
            { "loop", "1000 rounds of an empty loop" },
        } };
        auto const rounds = std::min(m_options.rounds, call_rounds);
        for (int round = 0; round < rounds; ++round) {
            for (auto& course : m_courses) {
                if (course.failure.empty())
                    calls_once(course);
            }
        }
        for (auto const& course : m_courses) {
            for (auto const& [name, title] : names) {
                auto const found = course.calls.find(name);
                if (found != course.calls.end())
                    m_report.rows.push_back(row_of(std::string(title), course.contender.name, found->second, "s",
                        "drydock-yardstick calls, inside"));
            }
        }
    }

    void calls_once(Course& course)
    {
        auto const& contender = course.contender;
        say("system calls: " + contender.name);
        Cleared const cleared(contender, 1);
        auto process = start(contender, "calls", 0);
        auto const done = process ? process->wait_for("done", start_limit) : tl::unexpected(process.error());
        if (!done) {
            course.failure = explained(done.error()).message();
            return;
        }
        std::istringstream lines(process->output());
        for (std::string line; std::getline(lines, line);) {
            std::istringstream words(line);
            std::string name;
            double nanoseconds = 0;
            if (words >> name >> nanoseconds)
                course.calls[name].push_back(nanoseconds * 1e-9);
        }
    }

    // The guest without a kernel runs on every KVM, even where it is emulated.
    void tiny_guest()
    {
        auto const kvm = vmm::Kvm::open();
        if (!kvm) {
            m_report.absent.push_back({ "tiny guest", kvm.error().message() });
            return;
        }
        std::vector<double> starts;
        std::vector<double> exits;
        say("the tiny guest");
        for (int round = 0; round < m_options.rounds; ++round) {
            if (auto const time = vmm::time_tiny_guest(*kvm))
                starts.push_back(std::chrono::duration<double>(*time).count());
            if (auto const time = vmm::time_exit(*kvm))
                exits.push_back(std::chrono::duration<double>(*time).count());
        }
        if (!starts.empty())
            m_report.rows.push_back(row_of("machine made, line printed, halted", "tiny guest, no kernel", starts, "s",
                "our monitor within this process: no program is loaded, so it is no start like the others"));
        if (!exits.empty())
            m_report.rows.push_back(row_of("exit to the monitor", "tiny guest, no kernel", exits, "s",
                "a loop of OUT instructions in ring 0, by their number"));
    }

    ComparisonOptions const& m_options;
    Workplace m_place;
    std::string m_errors;
    std::vector<Course> m_courses;
    Report m_report;
};

// The comparison's own directory; gone with the object.
class Scratch {
public:
    static Result<std::unique_ptr<Scratch>> make()
    {
        auto pattern = (fs::temp_directory_path() / "drydock-compare-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            return failed("mkdtemp(3)", errno);
        return std::unique_ptr<Scratch>(new Scratch(pattern));
    }
    ~Scratch()
    {
        std::error_code ignored;
        fs::remove_all(m_path, ignored);
    }
    Scratch(Scratch const&) = delete;
    Scratch& operator=(Scratch const&) = delete;
    fs::path const& path() const { return m_path; }

private:
    explicit Scratch(fs::path path)
        : m_path(std::move(path))
    {
    }
    fs::path m_path;
};

Row modelled_row(std::string what, std::string subject, Figure figure)
{
    auto const value = figure.value;
    return { std::move(what), std::move(subject), std::move(figure), value, value, 1 };
}

Figure in_bytes(Figure figure)
{
    figure.value *= 1 << 20;
    figure.unit = "B";
    return figure;
}

}

double median_of(std::vector<double> samples)
{
    VERIFY(!samples.empty());
    std::sort(samples.begin(), samples.end());
    auto const middle = samples.size() / 2;
    return samples.size() % 2 == 1 ? samples[middle] : (samples[middle - 1] + samples[middle]) / 2;
}

Row grown_kernel_memory(
    std::string const& subject, KernelMemory const& before, KernelMemory const& after, int instances)
{
    auto const wavering = before.wavering + after.wavering;
    auto const grown = after.bytes > before.bytes ? after.bytes - before.bytes : 0;
    bool const bound = grown <= wavering;
    // Meanwhile it may have shrunk for other reasons: by so much, what was looked for is hidden.
    auto const hidden = before.bytes > after.bytes ? before.bytes - after.bytes : 0;
    auto const value = static_cast<double>(bound ? wavering + hidden : grown) / static_cast<double>(instances);
    return { what_kernel, subject,
        { value, "B", FigureKind::Measured,
            fmt::format("{} that idle: growth of the host's slab, kernel stacks and page tables, by {}", instances,
                instances) },
        value, value, 1, bound };
}

Result<Report> compare_here(ComparisonOptions const& options, trace::Publisher const& publisher)
{
    if (options.progress)
        options.progress("which guests can run here");
    auto const ladder = probe_ladder(options.kernel);
    auto const scratch = TRY(Scratch::make());
    auto const place = TRY(prepare_workplace(scratch->path(), options.drydock, ladder));
    auto report = TRY(Run(options, place, line_up(place, ladder)).all());
    Random random(Random::seed_from_system());
    report.run = "run-" + random.hex(8);
    report.host = describe_host();
    report.ladder = ladder;
    publish(report.rows, report.run, publisher);
    return report;
}

std::vector<Row> modelled_rows(machine::Model const& model)
{
    std::vector<Row> rows;
    machine::CostModel const costs(model);
    for (auto const& technology : model.technologies)
        rows.push_back(modelled_row("start, app included", technology.title,
            machine::boot(model.host, { { &technology, 0 } }).front().elapsed));
    for (auto const& technology : model.technologies) {
        auto figure = costs.memory(technology, { 100, 1 });
        figure.value = (figure.value - technology.reserve.value) / 100;
        figure.source += ", without the reserve, by N = 100";
        rows.push_back(modelled_row(what_memory, technology.title, in_bytes(std::move(figure))));
    }
    for (auto const& technology : model.technologies)
        rows.push_back(modelled_row("how many fit", technology.title, costs.density(technology).instances));
    for (auto const& technology : model.technologies) {
        auto figure = costs.throughput(technology, 1);
        figure.value *= 100;
        figure.unit = "%";
        rows.push_back(modelled_row("computing, of bare metal's", technology.title, std::move(figure)));
    }
    for (auto const& technology : model.technologies) {
        if (auto figure = costs.random_access(technology))
            rows.push_back(modelled_row("random disk access, of bare metal's", technology.title, std::move(*figure)));
    }
    for (auto const& technology : model.technologies) {
        if (auto figure = costs.added_round_trip(technology))
            rows.push_back(modelled_row("added to a network round trip", technology.title, std::move(*figure)));
    }
    rows.push_back(modelled_row("bytes to each host for a change of the program", "container: changed layers",
        machine::ship_layers(model, 1).bytes));
    for (auto const baseline :
        { machine::Baseline::WholeImage, machine::Baseline::CompressedImage, machine::Baseline::BlockDifference })
        rows.push_back(modelled_row("bytes to each host for a change of the program",
            "virtual machine: " + std::string(to_string(baseline)), machine::ship_machine(model, baseline).bytes));
    return rows;
}

std::vector<Row> quoted_rows(machine::Model const& model)
{
    std::vector<Row> rows;
    for (auto const& quoted : model.quoted)
        rows.push_back(modelled_row(quoted.what, quoted.subject, quoted.figure));
    return rows;
}

void publish(std::vector<Row> const& rows, std::string const& run, trace::Publisher const& publisher)
{
    for (auto const& row : rows) {
        if (row.bound)
            continue;
        // Events count in whole nanoseconds.
        bool const time = row.median.unit == "s";
        publisher.publish(trace::MeasurementTaken { row.what, row.subject,
            static_cast<std::int64_t>(std::llround(row.median.value * (time ? 1e9 : 1))), time ? "ns" : row.median.unit,
            row.median.kind, row.median.source, run });
    }
}

}
