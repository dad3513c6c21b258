from flows.console import RunConsole
from tasks.run_context import Outcome


def test_every_failed_step_says_why_in_its_line(capsys):
    console = RunConsole()
    console.show(Outcome("train on S", "detector", "failed", reasons=("the loss [red] is\nnot finite",)))
    console.show(Outcome("train on S+", "detector", "failed", reasons=("the disk is full",)))
    assert capsys.readouterr().err.splitlines() == [
        "  failed  train on S: the loss [red] is not finite",
        "  failed  train on S+: the disk is full",
    ]
