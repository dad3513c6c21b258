from tests.flows.command_runs import run
from tests.s3_server import BUCKET, start_server


def test_what_one_host_ran_into_a_bucket_another_host_finds_and_downloads_what_it_needs(
    tiny_run, tmp_path, monkeypatch
):
    server = start_server()
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    caches = [tmp_path / "here", tmp_path / "there"]
    ends = [
        run(
            tiny_run,
            f"store=s3://{BUCKET}/tiny",
            f"store_cache={cache}",
            f"output={cache}/runs",
            "arms=[[R_train], [R_train, S+]]",
        )
        for cache in caches
    ]
    server.end()
    assert [code for code, _, _ in ends] == [0, 0], ends
    (built, _, _), (built_again, reused, failed) = (counts for _, _, counts in ends)
    assert built > 20 and (built_again, failed) == (0, 0) and reused >= built
    pages = [(cache / "runs/tiny/report/index.html").read_text() for cache in caches]
    assert all("F1" in page for page in pages)
    num_objects = [len(list((cache / "objects").glob("*/*"))) for cache in caches]
    assert 0 < num_objects[1] < num_objects[0] / 4
