from flows.runs.console import RunConsole
from tasks.building.run_context import Outcome


def test_every_failed_step_says_why_in_its_line(capsys):
    console = RunConsole()
    console.show(Outcome("train on S", "detector", "failed", reasons=("the loss [red] is\nnot finite",)))
    console.show(Outcome("train on S+", "detector", "failed", reasons=("the disk is full",)))
    assert capsys.readouterr().err.splitlines() == [
        "  failed  train on S: the loss [red] is not finite",
        "  failed  train on S+: the disk is full",
    ]


def test_without_a_terminal_a_long_step_says_once_how_long_it_will_take(capsys):
    times = iter([0.0, 2.0, 8.0, 9.0])
    console = RunConsole(clock=lambda: next(times))
    for label, done, total in [("train", 0, 100), ("train", 1, 100), ("train", 4, 100), ("train", 5, 100)]:
        console.listener_for(label)(done, total, "")
    assert capsys.readouterr().err == f"  ..      {'train':<44} 4 of 100, about 3 min left\n"
