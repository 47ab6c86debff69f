#include "sim/scenario/Course.h"

#include "sim/scenario/Table.h"

namespace drydock::scenario {

namespace {

Track read_track(Table table, std::vector<std::string> const& known)
{
    Track track { .name = table.text("name", Need::Required), .lessons = table.texts("lessons") };
    if (track.lessons.empty())
        table.problem("lessons", "a track leads through lessons", "name some in `lessons`");
    for (auto const& lesson : track.lessons) {
        if (std::find(known.begin(), known.end(), lesson) == known.end())
            table.problem("lessons", fmt::format("\"{}\" is no [[lesson]] of this course", lesson),
                "use the `id` of one that is");
    }
    table.finish();
    return track;
}

Course read_course(Table table)
{
    Course course;
    check_schema(table);
    for (auto& lesson : table.tables("lesson", Need::Required)) {
        auto id = lesson.text("id", Need::Required);
        if (std::find(course.lessons.begin(), course.lessons.end(), id) != course.lessons.end())
            lesson.problem("id", fmt::format("\"{}\" is there twice", id), "name each lesson once");
        lesson.finish();
        course.lessons.push_back(std::move(id));
    }
    for (auto& track : table.tables("track"))
        course.tracks.push_back(read_track(std::move(track), course.lessons));
    table.finish();
    return course;
}

}

std::vector<std::string> Course::texts() const
{
    std::vector<std::string> list;
    for (auto const& track : tracks)
        list.push_back(track.name);
    return list;
}

LoadedCourse load_course(std::string_view text)
{
    LoadedCourse loaded;
    loaded.course = read_document(text, loaded.problems, "docs/teaching.md", read_course);
    return loaded;
}

}
