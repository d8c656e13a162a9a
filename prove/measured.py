"""Which of the figures are measured, and by what."""

from prove import (
    figures_access,
    figures_auth,
    figures_calendars,
    figures_clocks,
    figures_deletion,
    figures_events,
    figures_location,
    figures_matching,
    figures_matching_rules,
    figures_races,
    figures_tokens,
)

MEASURED = (
    figures_auth.FIGURES
    | figures_tokens.FIGURES
    | figures_location.FIGURES
    | figures_matching_rules.FIGURES
    | figures_deletion.FIGURES
    | figures_races.FIGURES
    | figures_calendars.FIGURES
    | figures_access.FIGURES
    | figures_events.FIGURES
    | figures_clocks.FIGURES
    | figures_matching.FIGURES
)
