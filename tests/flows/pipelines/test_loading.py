import pytest
import yaml

from flows.pipelines.loading import load_run
from flows.pipelines.registry import find_pipeline, pipeline_names


def test_a_run_file_without_a_pipeline_is_of_people(tiny_run):
    pipeline, config = load_run(tiny_run, [])
    assert pipeline.name == config.pipeline == "people"


def test_an_unknown_pipeline_is_refused_with_those_that_there_are(tiny_run):
    with pytest.raises(
        ValueError,
        match="pipeline must be one of people, pretraining, segment, cycle_segmentation, night, soiling, but was 'fog'",
    ):
        load_run(tiny_run, ["pipeline=fog"])


def test_fields_of_another_pipeline_are_told_from_mistakes(tmp_path):
    path = tmp_path / "run.yaml"
    path.write_text(yaml.safe_dump({"name": "p", "output": "out", "rooms": {}}))
    with pytest.raises(
        ValueError, match="has fields of the pipeline pretraining; write `pipeline: pretraining`"
    ):
        load_run(path, [])


def test_a_user_s_own_pipeline_is_named_by_the_environment(monkeypatch):
    monkeypatch.setenv("VERISIM_PIPELINES", "two_steps=tests.two_steps.pipeline")
    assert pipeline_names() == [
        "people",
        "pretraining",
        "segment",
        "cycle_segmentation",
        "night",
        "soiling",
        "two_steps",
    ]
    assert find_pipeline("two_steps").name == "two_steps"


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("tests.nowhere", r"but there is No module named 'tests.nowhere'"),
        ("tests.two_steps.config", "but it has no Pipeline called PIPELINE; mend either"),
        ("flows.pretraining.pipeline", "but it has one of pretraining; mend either"),
    ],
)
def test_a_module_that_brings_no_such_pipeline_is_refused_in_a_line(monkeypatch, module, words):
    monkeypatch.setenv("VERISIM_PIPELINES", f"fog={module}")
    with pytest.raises(ValueError, match=f"VERISIM_PIPELINES names {module} for the pipeline fog, {words}"):
        find_pipeline("fog")


def test_a_list_of_pipelines_that_cannot_be_read_is_refused(monkeypatch):
    monkeypatch.setenv("VERISIM_PIPELINES", "rooms:flows.pretraining")
    with pytest.raises(
        ValueError, match=r"VERISIM_PIPELINES is a list like .*, but has 'rooms:flows.pretraining'"
    ):
        pipeline_names()


@pytest.mark.parametrize("name", pipeline_names())
def test_every_record_fits_its_flow_its_journey_and_its_example(name):
    from pathlib import Path

    pipeline = find_pipeline(name)
    assert pipeline.name == name
    flow = pipeline.load_flow()
    assert flow.name == pipeline.deployment.partition("/")[0]
    assert pipeline.load_journey().follow is not None
    found, config = load_run(Path(pipeline.example), [])
    assert found is pipeline and isinstance(config, pipeline.config)
