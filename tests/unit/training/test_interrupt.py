import os
import signal
import subprocess
import sys

import pytest
from fact.training.interrupt import SIGNALS, Interrupted, stop_signals


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_sets_the_flag_and_does_nothing_else(number: int) -> None:
    before = signal.getsignal(number)
    with stop_signals() as stop:
        assert not stop
        os.kill(os.getpid(), number)
        assert stop
        with pytest.raises(Interrupted) as ended:
            stop.stop()
        assert ended.value.code == 128 + number
    assert signal.getsignal(number) is before


def test_the_process_ends_with_the_signal_s_code() -> None:
    code = (
        "import os, signal\n"
        "from fact.training.interrupt import stop_signals\n"
        "with stop_signals() as stop:\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    print('still working')\n"
        "    stop.stop()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (143, "still working", "")
