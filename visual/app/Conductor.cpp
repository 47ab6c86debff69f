#include "visual/app/Conductor.h"

#include "sim/scenario/Recorder.h"
#include "sim/words/Language.h"

#include <fstream>

namespace drydock::app {

namespace {

constexpr std::size_t lines_kept = 2000;

}

Conductor::Conductor(SessionOptions options)
    : m_options(std::move(options))
{
    m_state.log = std::make_shared<trace::EventLog>();
    m_options.terminal = [this](bool to_stderr, std::string_view text) { print(to_stderr, text); };
    m_worker = std::jthread([this] { work(); });
}

Conductor::~Conductor()
{
    m_stop = true;
    m_more.notify_all();
    m_typed.notify_all();
    interrupt();
    interrupt(); // what ignores SIGINT does not keep the window from closing
    m_worker.join();
    if (m_prover.joinable())
        m_prover.join();
}

template <class F> void Conductor::change(F f)
{
    std::lock_guard const lock(m_mutex);
    f();
    ++m_state.revision;
}

void Conductor::post(Job job)
{
    {
        std::lock_guard const lock(m_mutex);
        m_jobs.push_back(std::move(job));
    }
    m_more.notify_all();
}

void Conductor::open(scenario::Scenario scenario, std::filesystem::path folder)
{
    m_restart = true;
    interrupt();
    {
        std::lock_guard const lock(m_mutex);
        m_jobs.clear(); // what waited was meant for the old engine
    }
    post(OpenScenario { std::move(scenario), std::move(folder) });
}

void Conductor::run(std::string line)
{
    change([&] { m_state.terminal.history.push_back(line); });
    post(RunLine { std::move(line) });
}

void Conductor::undo()
{
    post(GoTo { GoTo::Where::Undo });
}

void Conductor::redo()
{
    post(GoTo { GoTo::Where::Redo });
}

void Conductor::go_back(std::size_t branch, std::uint64_t records)
{
    post(GoTo { GoTo::Where::Moment, branch, records });
}

void Conductor::prove(std::string object, std::size_t index, std::string command)
{
    auto means = view::ProofMeans::Nothing;
    change([&] {
        if (m_state.proof && m_state.proof->running)
            return;
        means = m_state.proofs;
        m_state.proof = view::ProofRun { .object = std::move(object), .index = index, .running = true, .output = {} };
    });
    if (means == view::ProofMeans::Client)
        post(ProveByClient { command });
    if (means == view::ProofMeans::Shell)
        m_prover = std::jthread([this, command = std::move(command)] { prove_by_shell(command); });
}

void Conductor::prove_by_shell(std::string const& command)
{
    std::shared_ptr<Session> session;
    {
        std::lock_guard const lock(m_mutex);
        session = m_session;
    }
    if (!session)
        return finish_proof({ .text = words::say("There is no engine to ask."), .exit_code = 1 });
    std::error_code ignored;
    ShellPlace const place { .docker_host = session->daemon_endpoint().to_string(),
        .data_root = session->own_data_root().empty() ? m_options.data_root : session->own_data_root(),
        .program = std::filesystem::read_symlink("/proc/self/exe", ignored) };
    session.reset(); // an engine that is left while a proof runs need not wait for it
    finish_proof(run_in_shell(command, place, proof_time, [this] { return !m_stop; }));
}

// In the simulated world the worker alone may run commands.
void Conductor::carry_out(ProveByClient const& job)
{
    ShellOutput output;
    output.exit_code
        = m_session == nullptr ? 1 : m_session->take_turn(job.line, { .write = [&](bool, std::string_view text) {
              output.text += text.substr(0, output_kept - output.text.size());
              output.cut = output.cut || output.text.size() == output_kept;
          } });
    finish_proof(output);
}

void Conductor::finish_proof(ShellOutput const& output)
{
    view::AnsiReader reader;
    auto lines = reader.read(output.text);
    if (auto last = reader.end_line(); !last.empty())
        lines.push_back(std::move(last));
    std::string shown;
    for (auto const& line : lines)
        shown += (shown.empty() ? "" : "\n") + plain_text(line);
    change([&] {
        if (!m_state.proof)
            return;
        m_state.proof->running = false;
        m_state.proof->output = std::move(shown);
        m_state.proof->cut = output.cut;
        m_state.proof->exit_code = output.exit_code;
    });
}

void Conductor::interrupt()
{
    std::shared_ptr<Session> session;
    std::uint64_t began = 0;
    int times = 0;
    {
        std::lock_guard const lock(m_mutex);
        session = m_session;
        if (!session || session->world() != lab::World::Live)
            return; // simulated commands end by themselves: their clock jumps
        began = m_command_began;
        times = ++m_interrupts;
    }
    session->interrupt(began, times == 1 ? "INT" : "KILL");
}

void Conductor::look(State& state) const
{
    std::lock_guard const lock(m_mutex);
    if (state.revision != m_state.revision || !state.log)
        state = m_state;
}

void Conductor::work()
{
    constexpr auto idle = std::chrono::milliseconds(300);
    for (;;) {
        std::optional<Job> job;
        {
            std::unique_lock lock(m_mutex);
            m_more.wait_for(lock, idle, [this] { return m_stop || !m_jobs.empty(); });
            if (m_stop)
                break;
            if (!m_jobs.empty()) {
                job = std::move(m_jobs.front());
                m_jobs.pop_front();
            }
        }
        if (job)
            std::visit([this](auto& what) { carry_out(what); }, *job);
        else
            look_after_others();
    }
    close_session();
}

void Conductor::close_session()
{
    m_judge.reset();
    std::shared_ptr<Session> old;
    change([&] { old = std::exchange(m_session, nullptr); });
    // Whoever interrupts holds it for a moment; the next engine needs the place of this one.
    while (old && old.use_count() > 1)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void Conductor::use(std::unique_ptr<Session> opened, std::uint64_t resumed_at)
{
    std::shared_ptr<Session> const session = std::move(opened);
    m_judge = std::make_unique<scenario::Judge>(*session);
    m_verdicts.clear();
    auto told = history();
    change([&] {
        m_session = session;
        m_state.history = std::move(told);
        m_state.log = session->shared_log();
        ++m_state.run;
        m_state.resumed_at = resumed_at;
        m_interrupts = 0;
        m_command_began = m_state.log->size();
        m_state.notices.clear();
        m_state.proof.reset();
        m_state.proofs = session->world() == lab::World::Live ? view::ProofMeans::Shell : view::ProofMeans::Client;
        if (!session->notice().empty())
            m_state.notices.push_back(session->notice());
        m_state.terminal.available = true;
        m_state.terminal.busy = false;
        m_state.terminal.docker_host
            = session->world() == lab::World::Live ? session->daemon_endpoint().to_string() : std::string();
    });
}

void Conductor::carry_out(OpenScenario& job)
{
    m_restart = false;
    close_session(); // the old daemon leaves its socket and its containers before the new one comes
    m_branches.clear();
    m_undone.clear();
    m_before_variation.reset();
    m_marks.clear();
    m_scenario = std::move(job.scenario);
    m_options.folder = job.folder;
    m_options.cast = m_scenario->cast;
    m_options.keeps_past = true;
    auto opened = Session::open(m_options);
    if (!opened) {
        change([&] { m_state.notices = { opened.error().message() }; });
        return;
    }
    change([&] {
        m_state.terminal.lines.clear();
        m_state.varied = false;
    });
    m_branches.push_back({ (*opened)->past() });
    m_branch = 0;
    use(std::move(*opened), 0);
    scenario::play(*m_scenario, *m_session, m_session->publisher(), [this] {
        tell_history();
        return !m_stop && !m_restart;
    });
    judge();
    tell_history();
}

void Conductor::carry_out(RunLine const& job)
{
    change([&] {
        m_state.terminal.busy = m_session != nullptr;
        m_state.terminal.reads = m_session != nullptr && m_session->world() == lab::World::Live;
        m_input.clear();
        m_reading_over = false;
        m_interrupts = 0;
        m_command_began = m_state.log->size();
    });
    add(view::TerminalLine::Kind::Typed, job.line);
    if (!m_session) {
        add(view::TerminalLine::Kind::Error, words::say("There is no engine to ask."));
        return;
    }
    m_session->take_turn(job.line, terminal_of(*m_session));
    m_undone.clear(); // the branch that was left stays; only the way back along it by "redo" is gone
    judge();
    change([&] { m_state.terminal.busy = false; });
    tell_history();
}

void Conductor::look_after_others()
{
    if (!m_session || m_session->log().size() == m_judged)
        return;
    m_session->notice_others();
    judge();
    tell_history();
}

// Says of each goal what has changed.
void Conductor::judge()
{
    if (!m_scenario || !m_session)
        return;
    auto const publisher = m_session->publisher();
    bool const first = m_verdicts.empty();
    m_verdicts.resize(m_scenario->goals.size());
    bool changed = false, all_met = true;
    for (std::size_t i = 0; i < m_scenario->goals.size(); ++i) {
        auto verdict = m_judge->judge(m_scenario->goals[i]);
        all_met = all_met && verdict.met;
        auto& known = m_verdicts[i];
        if (!known || known->met != verdict.met || known->why_not != verdict.why_not) {
            publisher.publish(trace::GoalEvaluated { m_scenario->goals[i].text, verdict.met, verdict.why_not });
            changed = true;
        }
        known = std::move(verdict);
    }
    if (changed && all_met && !first)
        publisher.publish(trace::ScenarioEnded { m_scenario->id, true });
    m_judged = m_session->log().size();
}

// ---- Recording ----

void Conductor::mark_recording()
{
    post(Mark {});
}

void Conductor::save_recording(std::filesystem::path folder)
{
    post(Save { std::move(folder) });
}

void Conductor::carry_out(Mark const&)
{
    if (m_session)
        m_marks.insert(m_session->turns().size());
}

void Conductor::carry_out(Save const& job)
{
    if (!m_session || m_session->turns().empty())
        return change([&] { m_state.notices = { words::say("Nothing has been done yet that could be recorded.") }; });
    auto const& turns = m_session->turns();
    scenario::Recording recording { .title
        = m_scenario ? words::say("{}, recorded", m_scenario->title) : words::say("Recorded"),
        .cast = m_options.cast };
    recording.phases.emplace_back();
    for (std::size_t i = 0; i < turns.size(); ++i) {
        if (m_marks.contains(i))
            recording.phases.emplace_back();
        if (!turns[i].line.starts_with('(')) // another client's cannot be typed again
            recording.phases.back().lines.push_back(turns[i].line);
    }
    auto const& log = m_session->log();
    for (std::uint64_t i = 0; i < log.size(); ++i) {
        if (i == turns.front().before.records)
            recording.before = recording.after;
        world::apply(recording.after, log[i]);
    }
    auto const name = scenario::id_of_title(recording.title);
    auto path = job.folder / (name + ".toml");
    std::error_code ignored;
    for (int i = 2; std::filesystem::exists(path, ignored); ++i)
        path = job.folder / (name + "-" + std::to_string(i) + ".toml");
    std::ofstream file(path);
    file << scenario::record(recording);
    file.close();
    change([&] {
        m_state.notices
            = { file ? words::say("Saved as {}.", path.string()) : words::say("{} cannot be written.", path.string()) };
    });
}

// ---- The variation ----

void Conductor::play_variation()
{
    post(Vary {});
}

void Conductor::take_variation_back()
{
    post(TakeVariationBack {});
}

void Conductor::carry_out(Vary const&)
{
    if (!m_session || !m_scenario || !m_scenario->variation || m_before_variation)
        return;
    m_session->notice_others();
    auto before = m_session->past();
    before.moment.records = m_session->log().size(); // with what was said of the goals
    Place const place { m_branch, before.turns.size() };
    m_before_variation.emplace(place, std::move(before));
    m_undone.clear();
    scenario::play_variation(*m_scenario, *m_session, m_session->publisher());
    m_judged = m_session->log().size(); // what was broken on purpose takes no goal away
    change([&] { m_state.varied = true; });
    tell_history();
}

void Conductor::carry_out(TakeVariationBack const&)
{
    if (!m_before_variation)
        return;
    auto [place, past] = std::move(*m_before_variation);
    m_before_variation.reset();
    m_undone.clear();
    static_cast<void>(past_of(m_branch)); // the branch that is left keeps all it has
    change([&] { m_state.varied = false; });
    go_on_from(place, std::move(past), false);
}

// ---- Back in time ----

Past const& Conductor::past_of(std::size_t branch)
{
    if (branch == m_branch && m_session)
        m_branches[branch].past = m_session->past();
    return m_branches[branch].past;
}

// A moment that a branch has from its parent is the parent's.
Conductor::Place Conductor::plain(Place place) const
{
    while (place.branch != 0 && place.turns <= m_branches[place.branch].inherited)
        place.branch = m_branches[place.branch].parent;
    return place;
}

void Conductor::carry_out(GoTo const& job)
{
    if (m_branches.empty())
        return;
    Place const here = plain({ m_branch, past_of(m_branch).turns.size() });
    switch (job.where) {
    case GoTo::Where::Undo:
        if (here.turns == 0)
            return;
        m_undone.push_back(here);
        return go_to(plain({ here.branch, here.turns - 1 }));
    case GoTo::Where::Redo: {
        if (m_undone.empty())
            return;
        auto const place = m_undone.back();
        m_undone.pop_back();
        return go_to(place);
    }
    case GoTo::Where::Moment: {
        if (job.branch >= m_branches.size())
            return;
        auto const& past = past_of(job.branch);
        std::size_t turns = 0;
        while (turns < past.turns.size()
            && (turns + 1 < past.turns.size() ? past.turns[turns + 1].before.records : past.moment.records)
                <= job.records)
            ++turns;
        Place const place = plain({ job.branch, turns });
        if (place == here)
            return;
        m_undone.clear();
        return go_to(place);
    }
    }
}

void Conductor::go_to(Place place)
{
    auto past = past_of(place.branch);
    static_cast<void>(past_of(m_branch)); // the branch that is left keeps all it has
    bool const at_its_end = place.turns == past.turns.size();
    if (!at_its_end) {
        past.moment = past.turns[place.turns].before;
        past.turns.resize(place.turns);
    }
    go_on_from(place, std::move(past), at_its_end);
}

void Conductor::go_on_from(Place place, Past past, bool at_its_end)
{
    auto const records = past.moment.records;
    close_session();
    auto opened = Session::resume(m_options, past);
    if (!opened) {
        change([&] {
            m_state.notices = { words::say("The engine could not be taken back: {}", opened.error().message()) };
        });
        return tell_history();
    }
    if (at_its_end) {
        m_branch = place.branch;
        m_branches[m_branch].past = (*opened)->past();
    } else {
        m_branch = m_branches.size();
        m_branches.push_back({ (*opened)->past(), place.branch, place.turns, records });
    }
    use(std::move(*opened), records);
    judge();
    tell_history();
}

void Conductor::tell_history()
{
    auto told = history();
    change([&] { m_state.history = std::move(told); });
}

view::History Conductor::history()
{
    view::History history;
    for (std::size_t i = 0; i < m_branches.size(); ++i) {
        auto const& past = past_of(i);
        auto const& branch = m_branches[i];
        view::Branch told { .log = past.log, .parent = branch.parent, .forked_at = branch.forked_at, .turns = {} };
        for (std::size_t t = 0; t < past.turns.size(); ++t)
            told.turns.push_back({ past.turns[t].line, past.turns[t].before.records });
        told.is_bare = i != 0 && past.turns.size() == branch.inherited;
        history.branches.push_back(std::move(told));
    }
    history.engine = m_branch;
    history.can_undo = !history.branches.empty() && !history.branches[m_branch].turns.empty();
    history.can_redo = !m_undone.empty();
    return history;
}

client::Terminal Conductor::terminal_of(Session const& session)
{
    client::Terminal terminal;
    terminal.write = [this](bool to_stderr, std::string_view text) { print(to_stderr, text); };
    // In the simulated world one task runs at a time: one that waited for a person would keep all others waiting.
    if (session.world() != lab::World::Live)
        return terminal;
    terminal.is_tty = true;
    terminal.read = [this] {
        std::unique_lock lock(m_mutex);
        m_typed.wait(lock, [this] { return m_stop || m_reading_over || !m_input.empty(); });
        if (m_input.empty())
            return std::string();
        auto text = std::move(m_input.front());
        m_input.pop_front();
        return text;
    };
    terminal.stop_reading = [this] {
        std::lock_guard const lock(m_mutex);
        m_reading_over = true;
        m_typed.notify_all();
    };
    return terminal;
}

void Conductor::give_input(std::optional<std::string> text)
{
    std::lock_guard const lock(m_mutex);
    m_input.push_back(text ? *text + "\n" : std::string());
    m_typed.notify_all();
}

void Conductor::print(bool to_stderr, std::string_view text)
{
    std::size_t const stream = to_stderr ? 1 : 0;
    auto const kind = to_stderr ? view::TerminalLine::Kind::Error : view::TerminalLine::Kind::Output;
    change([&] {
        auto& lines = m_state.terminal.lines;
        if (m_open == stream)
            lines.pop_back(); // it comes again, longer
        else if (m_open)
            m_readers.at(*m_open).end_line();
        m_open.reset();
        for (auto& line : m_readers.at(stream).read(text))
            lines.push_back({ kind, std::move(line) });
        if (auto const& pending = m_readers.at(stream).pending(); !pending.empty()) {
            lines.push_back({ kind, pending });
            m_open = stream;
        }
        if (lines.size() > lines_kept)
            lines.erase(lines.begin(), lines.end() - lines_kept);
    });
}

void Conductor::add(view::TerminalLine::Kind kind, std::string_view text)
{
    change([&] {
        for (auto& reader : m_readers)
            reader.end_line();
        m_open.reset();
        m_state.terminal.lines.push_back({ kind, { { std::string(text), {} } } });
    });
}

}
