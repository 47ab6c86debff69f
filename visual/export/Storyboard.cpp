#include "visual/export/Storyboard.h"

#include "sim/words/Language.h"
#include "visual/export/Pictures.h"
#include "visual/stage/Names.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace fs = std::filesystem;

namespace drydock::exporting {

namespace {

// Text of a trace is text, whatever signs are in it.
std::string markdown(std::string_view text)
{
    constexpr std::string_view signs = "\\`*_{}[]()#+-!|~";
    std::string escaped;
    for (char const c : text) {
        if (c == '<')
            escaped += "&lt;";
        else if (c == '&')
            escaped += "&amp;";
        else if (c == '\n')
            escaped += ' ';
        else
            escaped += signs.find(c) == std::string_view::npos ? std::string(1, c) : std::string("\\") + c;
    }
    return escaped;
}

// What is asked stands before what answers it: the lesson, the goals, what is broken; then, on a page of its own, the
// answers, with one way to the goals.
class StoryboardText {
public:
    StoryboardText(trace::EventLog const& log, std::string const& title)
        : m_log(log)
        , m_title(title)
    {
    }

    // What is told of the beat; its picture and caption where it has one.
    void tell(stage::Beat const& beat, std::string const& picture)
    {
        for (auto i = beat.first_record; i < beat.end_record; ++i) {
            if (m_log[i].event.is<trace::PredictionAsked>())
                ask(asked_together(i));
            else
                m_log[i].event.visit([this](auto const& event) { hear(event); });
        }
        if (!picture.empty())
            here() += fmt::format("\n![{0}]({1})\n\n{0}\n", markdown(beat.caption), picture);
    }
    // How a phase ends; what it says stands above.
    void tell_end(stage::Beat const& beat, std::string const& picture)
    {
        here() += fmt::format("\n![{}]({})\n", markdown(beat.caption), picture);
    }

    std::string whole() const
    {
        auto text = fmt::format("# {}\n{}", markdown(m_title), m_body);
        if (!m_goals.empty())
            text += fmt::format("\n## {}\n\n{}", words::tr("Goals"), m_goals);
        text += m_broken;
        if (!m_answers.empty() || !m_way.empty())
            text += fmt::format("\n<div style=\"page-break-before: always\"></div>\n\n## {}\n\n{}{}",
                words::tr("Answers"), m_answers, m_way);
        return text;
    }

private:
    void hear(trace::ScenarioBegan const& scenario) { m_title = words::tr(scenario.title); }
    void hear(trace::LessonIntroduced const& lesson)
    {
        if (!lesson.parts.empty())
            m_body += fmt::format("\n## {}\n\n", words::tr("You will meet"));
        for (auto const& part : lesson.parts)
            m_body += fmt::format("- **{}**: {}\n", markdown(words::tr(part.name)), markdown(words::tr(part.says)));
        if (!lesson.analogy.empty())
            m_body += fmt::format("\n**{}** {}\n", words::tr("What it is like"), markdown(words::tr(lesson.analogy)));
    }
    void hear(trace::PhaseBegan const& phase)
    {
        if (!m_goals.empty()) { // they were judged: what comes now reaches them
            m_section = &m_way;
            m_way += fmt::format("\n### {}\n\n{}\n\n", markdown(words::tr(phase.name)), markdown(words::tr(phase.say)));
            return;
        }
        m_body += fmt::format(
            "\n## {}. {}\n\n{}\n", phase.index + 1, markdown(words::tr(phase.name)), markdown(words::tr(phase.say)));
    }
    void hear(trace::CommandEntered const& command)
    {
        if (m_section == &m_way)
            m_way += fmt::format("    {}\n", command.line);
    }
    void hear(trace::GoalEvaluated const& goal)
    {
        if (m_section == &m_body) // again when they are reached
            m_goals += fmt::format("- ☐ {}\n", markdown(words::tr(goal.text)));
    }
    void hear(trace::VariationBegan const& variation)
    {
        m_section = &m_broken;
        m_broken += fmt::format("\n## {}\n\n{}\n", markdown(words::say("Break it: {}", words::tr(variation.name))),
            markdown(words::tr(variation.say)));
    }
    void hear(trace::VariationEnded const& variation)
    {
        m_way += fmt::format(
            "\n### {}\n\n{}\n", words::tr("What breaking it shows"), markdown(words::tr(variation.shows)));
    }
    using Questions = std::vector<trace::PredictionAsked const*>;

    // A question, and those that follow it with the same choices: things to sort.
    Questions asked_together(std::uint64_t first) const
    {
        Questions questions;
        for (auto i = first; i < m_log.size(); ++i) {
            auto const* asked = m_log[i].event.get_if<trace::PredictionAsked>();
            if (asked == nullptr || (!questions.empty() && asked->choices != questions.front()->choices))
                break;
            questions.push_back(asked);
        }
        return questions;
    }
    void ask(Questions const& questions)
    {
        auto const& choices = questions.front()->choices;
        if (m_numbers.contains(questions.front()->id))
            return; // it has its row already
        if (questions.size() == 1 || choices.empty())
            return ask(*questions.front());
        m_body += "\n| |";
        for (auto const& choice : choices)
            m_body += fmt::format(" {} |", markdown(words::tr(choice)));
        m_body += "\n|---|";
        for (std::size_t i = 0; i < choices.size(); ++i)
            m_body += ":-:|";
        m_body += "\n";
        for (auto const* asked : questions) {
            m_numbers[asked->id] = m_numbers.size() + 1;
            m_body += fmt::format("| {}. {} |", m_numbers[asked->id], markdown(words::tr(asked->question)));
            for (std::size_t i = 0; i < choices.size(); ++i)
                m_body += " ☐ |";
            m_body += "\n";
        }
    }
    void ask(trace::PredictionAsked const& asked)
    {
        m_numbers[asked.id] = m_numbers.size() + 1;
        m_body += fmt::format(
            "\n**{}** {}\n\n", words::say("Question {}.", m_numbers[asked.id]), markdown(words::tr(asked.question)));
        for (auto const& choice : asked.choices)
            m_body += fmt::format("- ☐ {}\n", markdown(words::tr(choice)));
    }
    void hear(trace::PredictionResolved const& resolved)
    {
        m_answers += fmt::format("{}. {} {}\n", m_numbers[resolved.id], markdown(words::tr(resolved.answer)) + ".",
            markdown(words::tr(resolved.why)));
    }
    template <class E> void hear(E const& /*other*/) { }

    std::string& here() { return *m_section; }

    trace::EventLog const& m_log;
    std::string m_title;
    std::string m_body, m_goals, m_broken, m_answers, m_way;
    std::string* m_section { &m_body };           // that pictures go to
    std::map<std::string, std::size_t> m_numbers; // of the questions
};

bool only_answers(trace::EventLog const& log, stage::Beat const& beat)
{
    auto const& lead = log[beat.lead].event;
    return lead.is<trace::PredictionResolved>() || lead.is<trace::PhaseEnded>();
}

bool only_reports(trace::EventLog const& log, stage::Beat const& beat)
{
    auto const& lead = log[beat.lead].event;
    return only_answers(log, beat) || lead.is<trace::CommandFinished>() || lead.is<trace::PhaseBegan>();
}

template <class E> E const* told(trace::EventLog const& log, stage::Beat const& beat)
{
    E const* last = nullptr;
    for (auto i = beat.first_record; i < beat.end_record; ++i) {
        if (auto const* event = log[i].event.get_if<E>())
            last = event;
    }
    return last;
}

// Chooses the beats that get a still.
class Pictured {
public:
    Pictured(trace::EventLog const& log, Camera& camera)
        : m_log(log)
        , m_camera(camera)
        , m_chosen(camera.beats().size())
    {
    }

    std::vector<bool> each_beat() &&
    {
        for (std::size_t i = 0; i < m_chosen.size(); ++i)
            m_chosen[i] = !only_answers(m_log, m_camera.beats()[i]);
        return std::move(m_chosen);
    }

    std::vector<bool> each_phase() &&
    {
        auto const& beats = m_camera.beats();
        trace::PhaseBegan const* phase = nullptr; // the one that is on
        std::size_t begin = 0;
        auto const end_at = [&](std::size_t last) {
            if (phase != nullptr)
                choose(begin, last, phase->focus);
            phase = nullptr;
        };
        for (std::size_t i = 0; i < beats.size(); ++i) {
            if (auto const* next = told<trace::PhaseBegan>(m_log, beats[i])) {
                end_at(i - 1);
                phase = next;
                begin = i;
            }
            if (told<trace::PhaseEnded>(m_log, beats[i]) != nullptr)
                end_at(i);
        }
        end_at(beats.size() - 1); // a trace may end within one
        return std::move(m_chosen);
    }

private:
    // The last beat that is about what the phase speaks of; else the last in which anything happens.
    void choose(std::size_t begin, std::size_t end, std::vector<std::string> const& focus)
    {
        auto const& beats = m_camera.beats();
        std::set<std::string> ids;
        for (auto const& name : focus)
            ids.insert(stage::resolve(name, m_camera.world_after(beats[end])));
        auto const is_about_it = [&](stage::Beat const& beat) {
            return std::any_of(beat.focus.begin(), beat.focus.end(), [&](auto const& id) { return ids.contains(id); });
        };
        std::optional<std::size_t> happens;
        for (auto i = end + 1; i-- > begin;) {
            if (only_reports(m_log, beats[i]))
                continue;
            if (is_about_it(beats[i])) {
                m_chosen[i] = true;
                return;
            }
            if (!happens)
                happens = i;
        }
        m_chosen[happens.value_or(begin)] = true;
    }

    trace::EventLog const& m_log;
    Camera& m_camera;
    std::vector<bool> m_chosen;
};

}

Result<void> write_storyboard(trace::EventLog const& log, Camera& camera, std::string const& title, StillEach each,
    fs::path const& directory, Progress const& progress)
{
    std::error_code error;
    fs::create_directories(directory, error);
    if (error)
        return fail(Error::from_errno("mkdir(2)", error.value()).with_context("making " + directory.string()));
    StoryboardText text(log, title);
    auto const& beats = camera.beats();
    auto const chosen
        = each == StillEach::Beat ? Pictured(log, camera).each_beat() : Pictured(log, camera).each_phase();
    int pictures = 0;
    for (std::size_t i = 0; i < beats.size(); ++i) {
        auto const picture = chosen[i] ? fmt::format("{:03}.png", ++pictures) : std::string();
        if (chosen[i])
            TRY(write_png(directory / picture, camera.still(beats[i])));
        text.tell(beats[i], each == StillEach::Beat ? picture : std::string());
        if (chosen[i] && each == StillEach::Phase)
            text.tell_end(beats[i], picture);
        if (!progress(static_cast<double>(i + 1) / static_cast<double>(beats.size())))
            return fail(ErrorKind::Cancelled, "stopped; the pictures so far are in " + directory.string());
    }
    return write_text(directory / "storyboard.md", text.whole());
}

}
