"""Every `python -m flows` in README.md and docs/*.md: the command line takes it, and a test runs one like it."""

import re

import pytest

from flows.commands.command_line import _parser
from tasks.artifacts.code_version import PROJECT_ROOT
from tests.docs.pages import PAGES, flows_commands

_COMMANDS, _SERVER = "tests/docs/test_command_runs.py", "tests/flows/server/test_documented_commands.py"
_KEEPING, _TWO_STEPS = "tests/tasks/artifacts/test_keeping.py", "tests/flows/pipelines/test_two_steps.py"
_SERVING, _LOCAL = "tests/flows/server/test_serving.py", "tests/flows/runs/test_local_run.py"
_DETECT, _EXPORT = "tests/flows/commands/test_detect.py", "tests/flows/commands/test_export.py"
_PAGES = "tests/flows/commands/test_pages.py"
_COST = "tests/flows/commands/test_cost.py"
_WATCH = "tests/flows/night/test_watching.py"
_SCORE = "tests/flows/commands/test_score.py"
_SEGMENT = "tests/flows/commands/test_segment.py"
_SOIL = "tests/flows/commands/test_soil.py"
_SITE_NEW = "tests/flows/commands/test_site_new.py"
_PREVIEW, _SWEEP = "tests/flows/commands/test_preview.py", "tests/flows/sweeps/test_flow.py"

# A command with its options, and the test that runs it so. A command that is new in a page needs a line here.
RUN_BY = {
    "artifacts budget": f"{_KEEPING}::test_eighty_percent_of_the_budget_is_told_with_the_mend",
    "artifacts gc": f"{_KEEPING}::test_the_command_line_tags_lists_and_collects",
    "artifacts gc --dry-run --keep-last": f"{_COMMANDS}::test_a_store_is_looked_into",
    "artifacts gc --keep-last": f"{_KEEPING}::test_the_command_line_tags_lists_and_collects",
    "artifacts gc --store": f"{_KEEPING}::test_the_command_line_tags_lists_and_collects",
    "artifacts ls": f"{_KEEPING}::test_the_command_line_tags_lists_and_collects",
    "artifacts show": f"{_COMMANDS}::test_a_store_is_looked_into",
    "artifacts tag": f"{_KEEPING}::test_the_command_line_tags_lists_and_collects",
    "artifacts untag": f"{_KEEPING}::test_the_command_line_tags_lists_and_collects",
    "artifacts verify": f"{_COMMANDS}::test_a_store_is_looked_into",
    "artifacts verify --deep": "tests/flows/commands/test_command_line.py"
    "::test_artifacts_take_the_store_before_and_behind_the_command",
    "artifacts verify --deep --store": "tests/flows/commands/test_command_line.py"
    "::test_artifacts_take_the_store_before_and_behind_the_command",
    "cancel": f"{_SERVER}::test_a_run_that_is_to_come_is_listed_and_cancelled",
    "compare": "tests/flows/commands/test_compare.py::test_two_runs_are_laid_side_by_side",
    "cost": f"{_COST}::test_a_run_has_a_row_for_each_number_of_hosts",
    "cost --at-once --hosts": f"{_COST}::test_places_of_the_runs_own_host_are_given",
    "deploy": f"{_SERVER}::test_a_deploy_finds_what_is_there_and_a_reset_undoes_what_people_changed",
    "deploy --dry-run": f"{_SERVER}::test_a_deploy_finds_what_is_there_and_a_reset_undoes_what_people_changed",
    "deploy --dry-run --pools": f"{_SERVER}::test_pools_of_containers_are_rehearsed_and_made",
    "deploy --notify": "tests/flows/server/test_notifications.py"
    "::test_a_failed_run_is_told_by_the_block_that_deploy_was_given",
    "deploy --pools": f"{_SERVER}::test_pools_of_containers_are_rehearsed_and_made",
    "deploy --reset": f"{_SERVER}::test_a_deploy_finds_what_is_there_and_a_reset_undoes_what_people_changed",
    "detect": f"{_DETECT}::test_a_photo_at_the_detectors_size_gets_the_boxes_of_the_library",
    "detect --to": f"{_DETECT}::test_boxes_are_in_the_pixels_of_the_photo_and_drawn_there",
    "explain": f"{_COMMANDS}::test_the_site_and_run_of_a_page_are_planned_and_explained",
    "explain --set": f"{_TWO_STEPS}::test_it_is_planned_run_explained_and_found_again",
    "export --format --min-score --to": f"{_EXPORT}"
    "::test_detections_are_exported_by_their_label_with_the_images_that_they_are_of",
    "export --format --min-visibility --target --to": f"{_COMMANDS}::test_scenes_are_exported_as_the_page_says",
    "export --format --to": f"{_EXPORT}::test_one_artifact_is_exported_by_the_first_digits_of_its_key",
    "export-detector --to": f"{_DETECT}::test_the_exported_detector_gives_the_lines_of_its_checkpoint",
    "export-segmenter --to": f"{_SEGMENT}::test_the_exported_segmenter_gives_the_labels_of_its_checkpoint",
    "follow": f"{_SERVING}::test_a_run_that_is_over_is_followed_to_its_report",
    "why": f"{_SERVER}::test_a_run_that_waits_says_what_for_and_a_drained_pool_takes_nothing",
    "logs": f"{_SERVING}::test_runs_and_logs_are_read_in_the_shell",
    "pages --store": f"{_PAGES}::test_it_shows_runs_and_figures_to_who_has_the_password_and_ends_when_it_is_told_to",
    "pages --auth-file --host --store": f"{_PAGES}"
    "::test_it_shows_runs_and_figures_to_who_has_the_password_and_ends_when_it_is_told_to",
    "pipelines": f"{_COMMANDS}::test_the_pipelines_are_listed",
    "preview": f"{_PREVIEW}::test_contact_sheets_show_the_scenes_with_and_without_boxes",
    "preview --background --scene": f"{_PREVIEW}"
    "::test_one_scene_is_the_scene_of_the_run_whatever_else_is_rendered",
    "preview --compare --images": f"{_PREVIEW}::test_real_people_are_compared_with_rendered_ones",
    "run": f"{_LOCAL}::test_a_run_makes_every_kind_of_artifact_and_a_report",
    "run --dry-run": f"{_COMMANDS}::test_the_site_and_run_of_a_page_are_planned_and_explained",
    "run --set": f"{_LOCAL}::test_another_refiner_weight_rebuilds_the_refiner_and_what_follows_but_renders_nothing",
    "runs": f"{_SERVING}::test_runs_and_logs_are_read_in_the_shell",
    "runs --scheduled": f"{_SERVER}::test_a_run_that_is_to_come_is_listed_and_cancelled",
    "score": f"{_SCORE}::test_figures_are_those_of_pycocotools_and_of_counting",
    "score --baseline": f"{_SCORE}::test_a_baseline_is_judged_on_the_same_images",
    "score --to": f"{_SCORE}::test_a_baseline_is_judged_on_the_same_images",
    "segment --to": f"{_SEGMENT}::test_the_table_of_shares_has_a_row_a_photo",
    "segment --to --values": f"{_SEGMENT}::test_a_larger_photo_gets_labels_and_an_overlay_at_its_own_size",
    "site new": f"{_SITE_NEW}::test_ctrl_c_ends_the_page_keeps_what_was_done_and_says_what_is_next",
    "site new --no-page": f"{_SITE_NEW}::test_without_a_page_a_site_file_is_written_that_a_preview_takes",
    "site new --to": f"{_SITE_NEW}::test_the_page_s_file_may_have_another_name",
    "soil --amount --kind --to": f"{_SOIL}::test_photos_become_soiled_images_with_masks",
    "soil --camera --kind --site --to --variants": f"{_SOIL}::test_a_site_s_camera_brings_its_lens",
    "soil --classes --seed --set --to": f"{_SOIL}::test_label_maps_without_a_table_ask_for_the_command_s_own_option",
    "soil --kind --splits --to": f"{_SOIL}::test_only_images_of_the_named_splits_are_soiled",
    "soil --kind --to": f"{_SOIL}::test_kinds_alone_are_enough",
    "submit": f"{_TWO_STEPS}::test_it_is_sent_to_a_server_trained_in_the_pool_gpu_and_shown_there",
    "submit --set": f"{_SERVING}::test_a_run_is_sent_followed_and_ends_as_one_in_this_process",
    "sweep": f"{_SWEEP}::test_what_points_share_is_made_and_recorded_once",
    "sweep --dry-run": f"{_COMMANDS}::test_the_sweep_of_the_page_is_planned",
    "up": f"{_SERVING}::test_a_run_is_sent_followed_and_ends_as_one_in_this_process",
    "up --host": f"{_SERVER}::test_a_server_listens_on_the_address_that_it_is_given",
    "watch --every": f"{_WATCH}::test_what_arrives_is_labelled_and_learned_from_and_nothing_else_is_built",
    "watch --every --photos": f"{_SERVER}::test_a_site_is_watched_until_it_is_not",
    "watch --stop": f"{_SERVER}::test_a_site_is_watched_until_it_is_not",
    "worker --pool": f"{_SERVER}::test_a_worker_joins_a_pool_and_ends_when_it_is_told_to",
}


def pattern(words: list[str]) -> str:
    """The command with its options, without values."""
    command = words[: 2 if words[0] in ("artifacts", "site") else 1]
    return " ".join([*command, *sorted({word for word in words if word.startswith("--")})])


def documented() -> list[tuple[str, list[str]]]:
    return [(page, words) for page in PAGES for words in flows_commands(page)]


@pytest.mark.parametrize("page", PAGES)
def test_the_command_line_takes_every_command_of_a_page(page):
    for words in flows_commands(page):
        assert _parser().parse_args(words).command is not None, words


def test_a_test_runs_every_command_that_is_documented_and_the_table_has_no_other():
    assert {pattern(words) for _, words in documented()} == set(RUN_BY)


@pytest.mark.parametrize("place", sorted(set(RUN_BY.values())))
def test_the_tests_that_run_commands_are_there(place):
    path, _, name = place.partition("::")
    assert re.search(rf"^def {name}\(", (PROJECT_ROOT / path).read_text(), re.MULTILINE)


@pytest.mark.parametrize(("command", "place"), RUN_BY.items())
def test_such_a_test_holds_the_command_and_its_options(command, place):
    text = (PROJECT_ROOT / place.partition("::")[0]).read_text()
    # `run` and `up` are what their helpers begin, see tests/flows/command_runs.py and tests/flows/serving.py.
    helpers = ("run", "sweep", "up", "detect", "compare", "export", "preview", "soil")
    words = [word for word in command.split() if word not in ("artifacts", *helpers, "--set", "--store")]
    assert [word for word in words if f'"{word}"' not in text] == []
