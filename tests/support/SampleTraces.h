#pragma once

// FOR TESTS ONLY: traces written by hand, event by event, in the order and with the sizes a real run has. Nothing here
// happened; the recorded traces are in scenarios/.

#include "sim/core/Verify.h"
#include "sim/machine/Story.h"
#include "sim/trace/EventLog.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <string>

namespace drydock::testing {

class HandClock : public Clock {
public:
    Timestamp now() const override { return m_now; }
    void advance(std::int64_t microseconds) { m_now.nanoseconds += microseconds * 1000; }
    void set(Timestamp now) { m_now = now; }

private:
    Timestamp m_now { 1'000'000'000 };
};

class SampleTrace {
public:
    explicit SampleTrace(trace::EventLog& log)
        : m_log(log)
    {
    }

    // `docker run --rm busybox echo hi` on a fresh daemon.
    void anatomy_of_docker_run()
    {
        appear();
        type("docker run --rm busybox echo hi");
        ask("1", "HEAD", "/_ping", 200, "OK");
        request("2", "POST", "/v1.41/containers/create", R"({"Image":"busybox","Cmd":["echo","hi"]})");
        daemon(trace::ImageNotFoundLocally { "busybox:latest" });
        respond("2", 404, "Not Found");
        print("Unable to find image 'busybox:latest' locally\n", true);
        pull("busybox:latest", 2'219'949, 1);
        request("4", "POST", "/v1.41/containers/create", R"({"Image":"busybox","Cmd":["echo","hi"]})");
        create("c1", "nifty_hopper", "busybox", { "echo", "hi" });
        respond("4", 201, "Created");
        request("5", "POST", "/v1.41/containers/" + box("c1").value + "/attach?stdout=1", "");
        request("6", "POST", "/v1.41/containers/" + box("c1").value + "/wait?condition=removed", "");
        request("7", "POST", "/v1.41/containers/" + box("c1").value + "/start", "");
        launch("c1", { "echo", "hi" }, 4711);
        respond("7", 204, "No Content");
        daemon(trace::OutputWritten { box("c1"), false, "hi\n", 3 });
        print("hi\n");
        finish_container("c1", 0);
        daemon(trace::ContainerRemoved { box("c1") });
        respond("6", 200, "OK");
        finish("docker run --rm busybox echo hi", 0);
    }

    // Two containers of one image of three layers; one writes, copies up and deletes.
    void the_read_write_layer()
    {
        appear();
        scenario("12-rw-layer", "A thin sheet on top");
        phase(0, "Two containers, one image", "Both sheets are empty: starting copied nothing.",
            { "container:a", "container:b", "image:greeter:1" });
        type("docker run -d --name a greeter:1");
        store_image("greeter:1", 3);
        start("c1", "a", "greeter:1", 4711);
        finish("docker run -d --name a greeter:1", 0);
        type("docker run -d --name b greeter:1");
        start("c2", "b", "greeter:1", 4755);
        finish("docker run -d --name b greeter:1", 0);
        phase(1, "Write in one of them", "Copy-on-write lifts one file, not the image.", { "container:a" });
        type("docker exec a sh -c 'echo hi > /etc/greeting; rm /etc/motd; touch /new'");
        daemon(trace::PathLookedUp { box("c1"), "/etc/greeting", { 0, 1, 2 }, 2, -1 });
        daemon(trace::FileCopiedUp { box("c1"), "/etc/greeting", 2, diff(1), 12 });
        daemon(trace::FileWritten { box("c1"), "/etc/greeting", 3 });
        daemon(trace::WhiteoutMade { box("c1"), "/etc/motd" });
        daemon(trace::FileCreated { box("c1"), "/new", "file" });
        finish("docker exec a sh -c 'echo hi > /etc/greeting; rm /etc/motd; touch /new'", 0);
        daemon(trace::GoalEvaluated { "a and b show different greetings", true, "" });
        daemon(trace::ScenarioEnded { "12-rw-layer", true });
    }

    // A whole lesson: what it is like, one phase, its goals, and what it breaks on purpose.
    void a_lesson()
    {
        introduce();
        type("docker exec a sh -c 'echo hi > /etc/greeting'");
        daemon(trace::FileCopiedUp { box("c1"), "/etc/greeting", 2, diff(1), 12 });
        finish("docker exec a sh -c 'echo hi > /etc/greeting'", 0);
        daemon(trace::GoalEvaluated { "a shows another greeting than the image", true, "" });
        daemon(trace::ScenarioEnded { "sheet", true });
    }
    void a_lesson_broken()
    {
        a_lesson();
        daemon(trace::VariationBegan { "Delete below", "You delete a file that a layer brought." });
        type("docker exec a rm /etc/motd");
        daemon(trace::WhiteoutMade { box("c1"), "/etc/motd" });
        finish("docker exec a rm /etc/motd", 0);
        daemon(trace::VariationEnded {
            "The layer below keeps its bytes: the sheet grew by a whiteout, and the image is as large as before." });
    }
    void a_lesson_in_several_views()
    {
        appear();
        scenario("views", "Several views", "union");
        std::int64_t index = 0;
        for (auto const* view : { "union", "compare:isolation", "a view that nobody has made yet" }) {
            phase(index, "Looking", "It is told somewhere else.", {}, view);
            type("docker ps");
            finish("docker ps", 0);
            daemon(trace::PhaseEnded { index++ });
        }
    }
    void introduce()
    {
        appear();
        scenario("sheet", "The read-write layer");
        daemon(trace::LessonIntroduced {
            { { "Layer", "A sheet of files that nobody writes on any more; many containers stand on the same one." },
                { "Read-write layer", "The one sheet that is a container's own: it lies on top, and begins empty." },
                { "Copy-up", "Before a file from below is changed, it is copied onto the sheet on top, whole." },
                { "Whiteout", "A mark on the sheet that says: the file below does not count any more." } },
            "Tracing paper over a printed map: you draw, and the map below stays as it was.",
            { "sheet 30 14 100 12 tracing paper", "sheet 30 40 100 10 streets", "sheet 30 53 100 10 rivers",
                "sheet 30 66 100 10 mountains", "disc 136 12 16 16 you", "arrow 136 20 131 20", "line 20 40 20 76",
                "label 2 50 18 12 map" } });
        phase(0, "Two containers, one image", "Both sheets are empty: starting copied nothing.",
            { "container:a", "image:greeter:1" });
        type("docker run -d --name a greeter:1");
        store_image("greeter:1", 3);
        start("c1", "a", "greeter:1", 4711);
        finish("docker run -d --name a greeter:1", 0);
        daemon(trace::PhaseEnded { 0 });
        daemon(trace::GoalEvaluated {
            "a shows another greeting than the image", false, "in a, /etc/greeting is the image's" });
        daemon(trace::ScenarioEnded { "sheet", true });
    }

    // A container on an image of four layers whose members are told: one deletes and replaces what lower ones brought,
    // and the container copies up, deletes and creates.
    void files_through_layers()
    {
        appear();
        list_layers();
        type("docker run -d --name ann greeter:2");
        m_layers = 4;
        start("c1", "ann", "greeter:2", 4711);
        finish("docker run -d --name ann greeter:2", 0);
        type("docker exec ann sh -c '…'");
        daemon(trace::PathLookedUp { box("c1"), "/etc/greeting", { 0, 1, 2, 3 }, 3, -1 });
        daemon(trace::FileCopiedUp { box("c1"), "/etc", 1, diff(3), 0 });
        daemon(trace::FileCopiedUp { box("c1"), "/etc/greeting", 3, diff(1), 12 });
        daemon(trace::FileWritten { box("c1"), "/etc/greeting", 5 });
        daemon(trace::MetadataChanged { box("c1"), "/etc/greeting", "mode 644 -> 600" });
        daemon(trace::FileRemoved { box("c1"), "/app/notes.txt" });
        daemon(trace::WhiteoutMade { box("c1"), "/app/notes.txt" });
        daemon(trace::FileCreated { box("c1"), "/app/new", "file" });
        daemon(trace::FileWritten { box("c1"), "/app/new", 4 });
        finish("docker exec ann sh -c '…'", 0);
    }

    // A build of two stages: steps that run in containers of their own, that change the config, that the cache answers.
    // It ends well, or at its sixth step.
    void a_build() { build(true); }
    void a_build_that_fails() { build(false); }

    void build(bool ends_well)
    {
        using Reasons = std::array<std::string, 4>;
        Reasons const reasons { "no earlier build did this on the same parent", "a step before it was made anew",
            "it copies other files than the earlier build", "an earlier build did the same on the same parent" };
        std::string const run = "RUN head -c 1200000 /dev/zero > /app/big;     echo secret > /app/token";
        std::string const remove = "RUN rm /app/big /app/token; echo welcome > /etc/motd";
        appear();
        list_layers();
        type("docker build -t greeter:3 .");
        daemon(trace::BuildContextReceived { 4, 4096,
            "# A greeter\nFROM busybox AS base\nENV GREETING=Ahoy\nRUN head -c 1200000 /dev/zero > /app/big; \\\n    "
            "echo "
            "secret > /app/token\nCOPY greet.sh notes.txt /app/\nFROM base\n"
                + remove + "\nCMD [\"world\"]\n" });
        begin_step(1, 2, "FROM busybox AS base");
        end_step({ .image = digest("base"), .layer = diff(0) });
        begin_step(2, 3, "ENV GREETING=Ahoy");
        make_in_step("c1", { "/bin/sh", "-c", "#(nop) ENV GREETING=Ahoy" });
        daemon(trace::ContainerRemoved { box("c1") });
        end_step({ .image = store_step(1), .layer = diff(0), .reason = reasons[0] });
        begin_step(3, 4, run);
        run_step("c2", { "/bin/sh", "-c", run.substr(4) }, 0);
        end_step(
            { .image = store_step(2), .has_layer = true, .layer = diff(1), .size = 1'202'176, .reason = reasons[1] });
        begin_step(4, 6, "COPY greet.sh notes.txt /app/");
        end_step({ .image = store_step(3),
            .has_layer = true,
            .layer = diff(2),
            .size = 3584,
            .reason = reasons[2],
            .changed = "greet.sh" });
        begin_step(5, 7, "FROM base");
        end_step({ .image = digest("step3"), .layer = diff(0) });
        begin_step(6, 8, remove);
        if (!ends_well) {
            run_step("c3", { "/bin/sh", "-c", remove.substr(4) }, 7);
            std::string const error = "The command '/bin/sh -c " + remove.substr(4) + "' returned a non-zero code: 7";
            daemon(trace::SpanEnded { m_step_span, false, error });
            daemon(trace::OperationFailed { "build", error });
            return finish("docker build -t greeter:3 .", 7);
        }
        end_step({ .image = store_step(4),
            .cached = true,
            .has_layer = true,
            .layer = diff(3),
            .size = 4096,
            .reason = reasons[3] });
        begin_step(7, 9, "CMD [\"world\"]");
        end_step({ .image = store_step(5), .layer = diff(0), .reason = reasons[0] });
        daemon(trace::ImageTagged { "greeter:3", digest("step5") });
        finish("docker build -t greeter:3 .", 0);
    }

    // A guest machine whose boot the model tells, and a container of the same app, set off by one key press. The
    // container is there before the guest has firmware.
    void race()
    {
        appear();
        store_image("greeter:1", 3);
        type("drydock vm hypervisor start");
        daemon(trace::HypervisorStarted { host, "KVM", 2 });
        finish("drydock vm hypervisor start", 0);
        type("drydock vm start race-vm");
        trace::EventLog boot;
        tell_modelled_boot(boot, "vm-type-2");
        m_log.append(trace::Record(boot[0]));
        m_log.append(trace::Record(boot[1]));
        finish("drydock vm start race-vm", 0);
        type("docker run -d --name race-container greeter:1");
        start("c1", "race-container", "greeter:1", 4711);
        finish("docker run -d --name race-container greeter:1", 0);
        for (std::uint64_t i = 2; i < boot.size(); ++i)
            m_log.append(trace::Record(boot[i]));
    }

    // What a comparison measured in one run, beside what the model says of the same.
    void measurements()
    {
        using trace::MeasurementTaken;
        auto const measured = [&](std::string what, std::string subject, std::int64_t value, std::string unit) {
            live(MeasurementTaken { std::move(what), std::move(subject), value, std::move(unit), FigureKind::Measured,
                "median of 10", "run-6259d86b" });
        };
        measured("time to first line", "process", 519'700, "ns");
        measured("time to first line", "namespaces", 1'900'000, "ns");
        measured("time to first line", "Drydock's runtime", 19'800'000, "ns");
        measured("time to first line", "QEMU, CPU in software", 1'200'000'000, "ns");
        measured("bytes to ship a one-line change", "container: changed layers", 908, "B");
        measured("bytes to ship a one-line change", "virtual machine: whole image", 54'800'000, "B");
        for (auto const& [subject, value] :
            { std::pair { "microVM", 437'000'000 }, { "Container, with Docker's daemon and shims", 868'000'000 } })
            live(MeasurementTaken {
                "start, app included", subject, value, "ns", FigureKind::Modelled, "model", "model" });
    }
    void nothing() { }

    // A guest that our own monitor boots: memory, a kernel that is mapped from its file, phases, exits, console.
    void a_guest_boots()
    {
        appear();
        GuestMachineId const id { "vm-1" };
        type("drydock vm start guest busybox");
        live(trace::HypervisorStarted { host, "KVM", 2 });
        live(trace::GuestMachineCreated { id, "guest", "Drydock's monitor on KVM", 128 << 20, 1 });
        live(trace::GuestMemoryMapped { id, 0, 128 << 20, "RAM", false });
        live(trace::GuestPhaseReached { id, "machine made", 1'100'000 });
        live(trace::GuestMemoryMapped { id, 0x1000000, 41 << 20, "kernel file", true });
        live(trace::GuestKernelLoaded { id, "/boot/vmlinux-6.1.0", "ELF", 53'243'444, 0x1000000, 1'800'000, "quiet" });
        live(trace::GuestPhaseReached { id, "kernel loaded", 6'200'000 });
        m_clock.advance(60'000);
        live(trace::GuestPhaseReached { id, "kernel", 71'000'000 });
        live(trace::GuestExitsCounted { id, "IO", 0x3f8, true, 120 });
        m_clock.advance(90'000);
        live(trace::GuestPhaseReached { id, "init", 163'000'000 });
        live(trace::GuestConsoleWritten { id, "hello from a kernel of its own\n" });
        live(trace::GuestPhaseReached { id, "first output", 170'000'000 });
        live(trace::GuestExitsCounted { id, "IO", 0x3f8, true, 163 });
        live(trace::GuestExitsCounted { id, "IO", 0x60, false, 12 });
        finish("drydock vm start guest busybox", 0);
    }

    void stop_guest(std::string id) { live(trace::GuestMachineStopped { { std::move(id) }, "it was stopped", 0 }); }

    // The same image both ways, as measured: in a kernel that is a process, and in a container.
    void a_guest_runs_an_image()
    {
        appear();
        store_image("greeter:1", 3);
        GuestMachineId const id { "laptop-1" };
        type("drydock vm start race-vm greeter:1");
        live(trace::HypervisorStarted { host, "User-Mode Linux", 2 });
        live(trace::GuestMachineCreated { id, "race-vm", "User-Mode Linux", 128 << 20, 1 });
        live(trace::GuestMemoryMapped { id, 0, 128 << 20, "RAM", false });
        live(trace::GuestPhaseReached { id, "create", 4'000'000 });
        m_clock.advance(30'000);
        live(trace::GuestPhaseReached { id, "kernel", 34'000'000 });
        live(trace::GuestKernelLoaded { id, "/usr/bin/linux.uml", "ELF", 10'700'000, 0, 2'400'000, "" });
        m_clock.advance(350'000);
        live(trace::GuestPhaseReached { id, "init", 380'000'000 });
        live(trace::GuestMemoryMapped { id, 0, 2'400'000, "image greeter:1", false });
        live(trace::GuestPhaseReached { id, "app", 400'000'000 });
        m_clock.advance(10'000);
        live(trace::GuestPhaseReached { id, "first output", 410'000'000 });
        live(trace::GuestConsoleWritten { id, "Ahoy from the dry dock!\n" });
        finish("drydock vm start race-vm greeter:1", 0);
        type("docker run -d --name race-container greeter:1");
        start("c1", "race-container", "greeter:1", 4711);
        m_clock.advance(2'000);
        daemon(trace::OutputWritten { box("c1"), false, "Ahoy from the dry dock!\n", 24 });
        finish("docker run -d --name race-container greeter:1", 0);
    }

    void begin_step(std::int64_t step, std::int64_t line, std::string instruction)
    {
        m_step = step;
        m_instruction = std::move(instruction);
        m_step_span = m_log.new_span();
        trace::SpanGuard const guard(m_step_span);
        daemon(trace::SpanBegan { m_step_span, {}, "build step", "Step", trace::Depth::Role });
        daemon(trace::BuildStepBegan { step, 7, line, m_instruction });
    }
    void end_step(trace::BuildStepFinished finished)
    {
        trace::SpanGuard const guard(m_step_span);
        finished.step = m_step;
        finished.instruction = m_instruction;
        daemon(std::move(finished));
        daemon(trace::SpanEnded { m_step_span, true, "" });
    }
    void make_in_step(std::string const& key, std::vector<std::string> command)
    {
        trace::SpanGuard const guard(m_step_span);
        create(key, "eager_" + key, "sha256:base", std::move(command));
    }
    void run_step(std::string const& key, std::vector<std::string> command, int code)
    {
        make_in_step(key, command);
        launch(key, std::move(command), 4800);
        finish_container(key, code);
        if (code == 0)
            daemon(trace::ContainerRemoved { box(key) });
    }
    // The image after that step of a_build().
    oci::Digest store_step(std::size_t step)
    {
        static constexpr std::array<std::size_t, 6> layer_counts { 1, 1, 2, 3, 4, 4 };
        std::vector<std::string> const history { "ADD rootfs.tar.gz /", "/bin/sh -c #(nop)  CMD [\"sh\"]",
            "/bin/sh -c #(nop)  ENV GREETING=Ahoy",
            "/bin/sh -c head -c 1200000 /dev/zero > /app/big; echo secret > /app/token",
            "/bin/sh -c #(nop) COPY multi:4f2a in /app/ ",
            "/bin/sh -c rm /app/big /app/token; echo welcome > /etc/motd", "/bin/sh -c #(nop)  CMD [\"world\"]" };
        trace::ImageStored stored { .image = digest("step" + std::to_string(step)),
            .layers = {},
            .command = { step < 5 ? "sh" : "world" },
            .env = { "PATH=/bin", "GREETING=Ahoy" },
            .history = {} };
        for (std::size_t i = 0; i < layer_counts.at(step); ++i)
            stored.layers.push_back({ diff(static_cast<int>(i)), m_layer_sizes[i], history[i == 0 ? 0 : i + 2] });
        stored.history.assign(history.begin(), history.begin() + static_cast<std::ptrdiff_t>(step) + 2);
        daemon(stored);
        return stored.image;
    }

    void list_layers()
    {
        using Member = trace::LayerMember;
        std::vector<Member> rootfs { { "/bin", "directory", 0, 0755 }, { "/bin/busybox", "file", 1'131'168, 0755 },
            { "/etc", "directory", 0, 0755 }, { "/etc/group", "file", 307, 0644 }, { "/etc/passwd", "file", 340, 0644 },
            { "/home", "directory", 0, 0755 }, { "/home/old", "file", 90'000, 0644 } };
        for (auto const* applet : { "ash", "cat", "chmod", "cp", "date", "echo", "grep", "head", "id", "kill", "ln",
                 "ls", "mkdir", "mv", "ps", "rm", "sed", "sh", "sleep", "tail", "tar", "touch", "vi", "wc" })
            rootfs.push_back({ std::string("/bin/") + applet, "hard link", 0, 0755 });
        std::stable_sort(
            rootfs.begin(), rootfs.end(), [](Member const& a, Member const& b) { return a.path < b.path; });
        std::vector<std::vector<Member>> const members { rootfs,
            { { "/app", "directory", 0, 0755 }, { "/app/big", "file", 1'200'000, 0644 },
                { "/app/token", "file", 7, 0600 }, { "/etc", "directory", 0, 0755 },
                { "/etc/greeting", "file", 12, 0644 } },
            { { "/app", "directory", 0, 0755 }, { "/app/greet.sh", "file", 33, 0644 },
                { "/app/notes.txt", "file", 6, 0644 } },
            { { "/app", "directory", 0, 0755 }, { "/app/big", "whiteout", 0, 0 }, { "/app/token", "whiteout", 0, 0 },
                { "/etc", "directory", 0, 0755 }, { "/etc/motd", "file", 8, 0644 }, { "/home", "directory", 0, 0755 },
                { "/home", "opaque", 0, 0 } } };
        std::vector<std::string> const lines { "ADD rootfs.tar.gz /",
            "/bin/sh -c head -c 1200000 /dev/zero > /app/big; echo secret > /app/token",
            "/bin/sh -c #(nop) COPY multi:4f2a in /app/ ",
            "/bin/sh -c rm /app/big /app/token; echo welcome > /etc/motd" };
        std::vector<trace::LayerOfImage> parts;
        for (int i = 0; i < 4; ++i) {
            std::uint64_t size = 1024;
            for (auto const& member : members[static_cast<std::size_t>(i)])
                size += 512 + member.size;
            daemon(trace::LayerIndexed { diff(i), blob(i), members[static_cast<std::size_t>(i)].size(), size });
            daemon(trace::LayerListed { diff(i), members[static_cast<std::size_t>(i)] });
            parts.push_back({ diff(i), size, lines[static_cast<std::size_t>(i)] });
            m_layer_sizes.push_back(size);
        }
        daemon(trace::ImageStored { digest("base"), { parts[0] }, { "sh" }, { "PATH=/bin" }, { lines[0], "CMD" } });
        daemon(trace::ImageTagged { "busybox:latest", digest("base") });
        daemon(trace::ImageStored { digest("config"), parts, { "sh" }, { "PATH=/bin" }, lines });
        daemon(trace::ImageTagged { "greeter:2", digest("config") });
    }

    void appear()
    {
        daemon(trace::HostAppeared { host, "Linux 6.1.0", 4, 8'000'000'000 });
        daemon(
            trace::ActorAppeared { daemon_id, host, trace::ActorRole::Daemon, "drydockd", "unix:///run/drydock.sock" });
        daemon(trace::HostAppeared { HostId { "hub" }, "Linux 6.1.0", 8, 32'000'000'000 });
        daemon(trace::ActorAppeared {
            hub_id, HostId { "hub" }, trace::ActorRole::Registry, "Docker Hub (embedded)", "tcp://hub:5000" });
        daemon(trace::ActorAppeared { client_id, host, trace::ActorRole::Client, "docker", "pid 4690" });
        daemon(trace::ConnectionOpened { ConnectionId { "k1" }, client_id, daemon_id, "unix:///run/drydock.sock" });
    }

    void type(std::string line) { client(trace::CommandEntered { client_id, std::move(line) }); }
    void print(std::string text, bool to_stderr = false)
    {
        client(trace::CommandPrinted { client_id, to_stderr, std::move(text) });
    }
    void finish(std::string line, int code) { client(trace::CommandFinished { client_id, std::move(line), code }); }

    void request(std::string id, std::string method, std::string target, std::string body)
    {
        daemon(
            trace::RequestReceived { ExchangeId { id }, ConnectionId { "k1" }, client_id, daemon_id, std::move(method),
                std::move(target), "Host: docker\nUser-Agent: Docker-Client/20.10.24 (linux)", std::move(body) });
    }
    void respond(std::string id, int status, std::string reason)
    {
        daemon(trace::ResponseSent { ExchangeId { id }, ConnectionId { "k1" }, daemon_id, client_id, status,
            std::move(reason), "Api-Version: 1.41", "", 0 });
    }
    void ask(std::string id, std::string method, std::string target, int status, std::string reason)
    {
        request(id, std::move(method), std::move(target), "");
        respond(id, status, std::move(reason));
    }

    void pull(std::string const& reference, std::uint64_t size, int layers)
    {
        request("3", "POST", "/v1.41/images/create?fromImage=busybox&tag=latest", "");
        auto const span = m_log.new_span();
        daemon(trace::SpanBegan { span, {}, "pull", "Pull " + reference, trace::Depth::Role });
        daemon(trace::ConnectionOpened { ConnectionId { "k2" }, daemon_id, hub_id, "tcp://hub:5000" });
        registry(trace::RequestReceived { ExchangeId { "r1" }, ConnectionId { "k2" }, daemon_id, hub_id, "GET",
            "/v2/library/busybox/manifests/latest", "Host: hub:5000", "" });
        registry(trace::ResponseSent { ExchangeId { "r1" }, ConnectionId { "k2" }, hub_id, daemon_id, 200, "OK",
            "Content-Type: application/vnd.oci.image.manifest.v1+json", "{…}", 527 });
        auto const manifest = digest("manifest");
        daemon(trace::ReferenceResolved { reference, hub_id, manifest, "application/vnd.oci.image.manifest.v1+json" });
        std::vector<trace::LayerOfManifest> listed;
        for (int i = 0; i < layers; ++i)
            listed.push_back({ blob(i), size / static_cast<std::uint64_t>(i + 1) });
        daemon(trace::DigestVerified { manifest, trace::Verified::Manifest, 527 });
        daemon(trace::ManifestFetched { reference, manifest, 527, digest("config"), listed });
        transfer(digest("config"), 1456);
        for (int i = 0; i < layers; ++i) {
            auto const bytes = listed[static_cast<std::size_t>(i)].size;
            transfer(blob(i), bytes);
            daemon(trace::DigestVerified { diff(i), trace::Verified::DiffId, bytes * 2 });
            daemon(trace::LayerIndexed { diff(i), blob(i), 413, bytes * 2 });
        }
        store_image(reference, layers);
        daemon(trace::SpanEnded { span, true, "" });
        respond("3", 200, "OK");
    }

    void transfer(oci::Digest const& what, std::uint64_t size)
    {
        daemon(trace::BlobTransferStarted { what, size, hub_id, daemon_id, 0 });
        for (int part = 1; part <= 4; ++part) {
            m_clock.advance(40'000);
            daemon(trace::BlobBytesArrived { what, size * static_cast<std::uint64_t>(part) / 4, size });
        }
        daemon(trace::DigestVerified { what, trace::Verified::Blob, size });
        daemon(trace::BlobStored { what, size });
    }

    void store_image(std::string const& reference, int layers)
    {
        static constexpr std::array commands { "ADD rootfs.tar.gz /", "COPY greeting /etc/greeting",
            "RUN echo welcome > /etc/motd" };
        std::vector<trace::LayerOfImage> parts;
        for (int i = 0; i < layers; ++i)
            parts.push_back({ diff(i), std::uint64_t { 4'300'000 } / static_cast<std::uint64_t>(i * 200 + 1),
                commands.at(static_cast<std::size_t>(i) % commands.size()) });
        daemon(trace::ImageStored { digest("config"), parts, { "sh" }, { "PATH=/bin" }, { "ADD", "CMD" } });
        daemon(trace::ImageTagged { reference, digest("config") });
        m_layers = layers;
    }

    void create(std::string const& key, std::string name, std::string image, std::vector<std::string> command)
    {
        daemon(trace::ContainerCreated { box(key), std::move(name), std::move(image), digest("config"),
            std::move(command), std::string(box(key).short_form()) });
        daemon(trace::WritableLayerCreated { box(key), "/var/lib/drydock/sheets/" + key });
    }

    void launch(std::string const& key, std::vector<std::string> command, int host_pid)
    {
        std::vector<oci::Digest> lower;
        for (int i = 0; i < m_layers; ++i)
            lower.push_back(diff(i));
        auto const span = m_log.new_span();
        daemon(trace::SpanBegan { span, {}, "launch", "Launch the container", trace::Depth::Role });
        for (auto const* kind : { "user", "mnt", "pid", "net", "uts", "ipc", "cgroup" }) {
            syscall(key, "unshare(2)", std::string("CLONE_NEW… ") + kind);
            daemon(trace::NamespaceCreated { box(key), kind, m_inode++, 4026531836 });
        }
        daemon(trace::IdsMapped { box(key), "uid_map", "0 1000 1" });
        syscall(key, "mount(2)", "\"drydock\", \"/run/c/root\", \"fuse\"");
        daemon(trace::UnionMounted { box(key), "simulated", lower, "/run/c/root" });
        daemon(trace::MountMade { box(key), "proc", "/proc", "proc", "nosuid,noexec,nodev" });
        daemon(trace::MountMade { box(key), "tmpfs", "/dev", "tmpfs", "nosuid" });
        syscall(key, "pivot_root(2)", "\".\", \".\"");
        daemon(trace::RootPivoted { box(key), "/run/c/root" });
        daemon(trace::HostnameSet { box(key), std::string(box(key).short_form()) });
        daemon(trace::CgroupCreated { box(key), "/sys/fs/cgroup/drydock/" + key, "512 processes" });
        daemon(trace::PrivilegesDropped {
            box(key), std::vector<std::string>(14, "CAP_CHOWN"), true, 61, { "mount", "reboot" } });
        daemon(trace::ProcessStarted { box(key), 1, host_pid, 0, host_pid - 1, std::move(command) });
        daemon(trace::ContainerStarted { box(key) });
        daemon(trace::SpanEnded { span, true, "" });
    }

    void start(std::string const& key, std::string name, std::string image, int host_pid)
    {
        create(key, std::move(name), std::move(image), { "sleep", "3600" });
        launch(key, { "sleep", "3600" }, host_pid);
    }

    void finish_container(std::string const& key, int code)
    {
        daemon(trace::ProcessExited { box(key), 1, code, 0 });
        daemon(trace::ContainerExited { box(key), code });
        daemon(trace::UnionUnmounted { box(key) });
    }

    void syscall(std::string const& key, std::string call, std::string arguments)
    {
        daemon(trace::SyscallMade { box(key), std::move(call), std::move(arguments), 0, 0 });
    }

    void scenario(std::string id, std::string title, std::string view = "stage")
    {
        daemon(trace::ScenarioBegan { std::move(id), std::move(title), std::move(view) });
    }
    void phase(std::int64_t index, std::string name, std::string say, std::vector<std::string> focus,
        std::string view = "stage")
    {
        daemon(trace::PhaseBegan { index, std::move(name), std::move(say), std::move(focus), std::move(view) });
    }

    static oci::Digest digest(std::string const& what) { return oci::Digest::of(what); }
    static oci::Digest blob(int i) { return digest("blob" + std::to_string(i)); }
    static oci::Digest diff(int i) { return digest("diff" + std::to_string(i)); }
    static ContainerId box(std::string const& key) { return { digest(key).hex() }; }

    template <class E> void daemon(E event) { publish(m_daemon, std::move(event)); }
    template <class E> void client(E event) { publish(m_client, std::move(event)); }
    template <class E> void registry(E event) { publish(m_registry, std::move(event)); }
    template <class E> void live(E event) { publish(m_live, std::move(event)); }

    HostId const host { "laptop" };
    ActorId const daemon_id { "daemon" };
    ActorId const client_id { "client-1" };
    ActorId const hub_id { "registry:hub" };

private:
    template <class E> void publish(trace::Publisher const& pen, E event)
    {
        m_clock.advance(350);
        pen.publish(std::move(event));
    }

    trace::EventLog& m_log;
    HandClock m_clock;
    int m_layers { 1 };
    std::uint64_t m_inode { 4026532201 }; // of the next namespace
    std::vector<std::uint64_t> m_layer_sizes;
    std::int64_t m_step { 0 }; // of the build
    std::string m_instruction;
    SpanId m_step_span {};
    // The boot of one machine of that kind, from now on.
    void tell_modelled_boot(trace::EventLog& log, std::string_view technology)
    {
        std::stringstream text;
        text << std::ifstream("models/comparison.toml").rdbuf();
        auto const loaded = machine::load_model(text.str());
        VERIFY(loaded.model && loaded.model->find(technology) != nullptr);
        std::vector<machine::Start> const starts { { loaded.model->find(technology), 0 } };
        machine::tell_boot(*loaded.model, starts, machine::boot(loaded.model->host, starts), log, host, m_clock.now());
    }

    trace::Publisher m_daemon { m_log, m_clock, { host, daemon_id, trace::Provenance::Simulated } };
    trace::Publisher m_live { m_log, m_clock, { host, ActorId { "monitor" }, trace::Provenance::Live } };
    trace::Publisher m_client { m_log, m_clock, { host, client_id, trace::Provenance::Simulated } };
    trace::Publisher m_registry { m_log, m_clock, { HostId { "hub" }, hub_id, trace::Provenance::Simulated } };
};

}
