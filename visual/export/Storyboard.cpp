#include "visual/export/Storyboard.h"

#include "sim/words/Language.h"
#include "visual/export/Pictures.h"

#include <fmt/format.h>

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

class StoryboardText {
public:
    StoryboardText(trace::EventLog const& log, std::string const& title)
        : m_log(log)
        , m_title(title)
    {
    }

    // What is told of the beat beside its picture; nothing where the beat only gives an answer, which belongs at the
    // end.
    void tell(stage::Beat const& beat, std::string const& picture)
    {
        for (auto i = beat.first_record; i < beat.end_record; ++i) {
            if (auto const* scenario = m_log[i].event.get_if<trace::ScenarioBegan>())
                m_title = words::tr(scenario->title);
            else if (auto const* phase = m_log[i].event.get_if<trace::PhaseBegan>())
                m_body += fmt::format("\n## {}. {}\n\n{}\n", phase->index + 1, markdown(words::tr(phase->name)),
                    markdown(words::tr(phase->say)));
            else if (auto const* lesson = m_log[i].event.get_if<trace::LessonIntroduced>())
                introduce(*lesson);
            else if (auto const* variation = m_log[i].event.get_if<trace::VariationBegan>())
                m_body
                    += fmt::format("\n## {}\n\n{}\n", markdown(words::say("Break it: {}", words::tr(variation->name))),
                        markdown(words::tr(variation->say)));
            else if (auto const* asked = m_log[i].event.get_if<trace::PredictionAsked>())
                ask(*asked);
            else if (auto const* resolved = m_log[i].event.get_if<trace::PredictionResolved>())
                resolve(*resolved);
        }
        if (!picture.empty())
            m_body += fmt::format("\n![{0}]({1})\n\n{0}\n", markdown(beat.caption), picture);
    }

    std::string whole() const
    {
        auto text = fmt::format("# {}\n{}", markdown(m_title), m_body);
        if (!m_answers.empty())
            text += fmt::format(
                "\n<div style=\"page-break-before: always\"></div>\n\n## {}\n\n{}", words::tr("Answers"), m_answers);
        return text;
    }

private:
    void introduce(trace::LessonIntroduced const& lesson)
    {
        if (!lesson.parts.empty())
            m_body += fmt::format("\n## {}\n\n", words::tr("You will meet"));
        for (auto const& part : lesson.parts)
            m_body += fmt::format("- **{}**: {}\n", markdown(words::tr(part.name)), markdown(words::tr(part.says)));
        if (!lesson.analogy.empty())
            m_body += fmt::format("\n**{}** {}\n", words::tr("What it is like"), markdown(words::tr(lesson.analogy)));
    }

    void ask(trace::PredictionAsked const& asked)
    {
        m_numbers[asked.id] = m_numbers.size() + 1;
        m_body += fmt::format(
            "\n**{}** {}\n\n", words::say("Question {}.", m_numbers[asked.id]), markdown(words::tr(asked.question)));
        for (auto const& choice : asked.choices)
            m_body += fmt::format("- ☐ {}\n", markdown(words::tr(choice)));
    }

    void resolve(trace::PredictionResolved const& resolved)
    {
        m_answers += fmt::format("{}. {} {}\n", m_numbers[resolved.id], markdown(words::tr(resolved.answer)) + ".",
            markdown(words::tr(resolved.why)));
    }

    trace::EventLog const& m_log;
    std::string m_title;
    std::string m_body;
    std::string m_answers;
    std::map<std::string, std::size_t> m_numbers; // of the questions
};

}

Result<void> write_storyboard(trace::EventLog const& log, Camera& camera, std::string const& title,
    fs::path const& directory, Progress const& progress)
{
    std::error_code error;
    fs::create_directories(directory, error);
    if (error)
        return fail(Error::from_errno("mkdir(2)", error.value()).with_context("making " + directory.string()));
    StoryboardText text(log, title);
    auto const& beats = camera.beats();
    for (std::size_t i = 0; i < beats.size(); ++i) {
        auto const& lead = log[beats[i].lead].event;
        bool const only_an_answer = lead.is<trace::PredictionResolved>() || lead.is<trace::PhaseEnded>();
        auto const picture = only_an_answer ? std::string() : fmt::format("{:03}.png", i + 1);
        if (!picture.empty())
            TRY(write_png(directory / picture, camera.still(beats[i])));
        text.tell(beats[i], picture);
        if (!progress(static_cast<double>(i + 1) / static_cast<double>(beats.size())))
            return fail(ErrorKind::Cancelled, "stopped; the pictures so far are in " + directory.string());
    }
    return write_text(directory / "storyboard.md", text.whole());
}

}
