#include "engine/image/Progress.h"

#include <algorithm>
#include <utility>

namespace drydock::image {

void ProgressQueue::put(TransferProgress progress)
{
    auto const older = std::find_if(m_waiting.begin(), m_waiting.end(), [&](TransferProgress const& other) {
        return other.total != 0 && progress.total != 0 && other.id == progress.id;
    });
    if (older != m_waiting.end())
        *older = std::move(progress);
    else
        m_waiting.push_back(std::move(progress));
}

std::vector<TransferProgress> ProgressQueue::take()
{
    return std::exchange(m_waiting, {});
}

}
