import pytest
import torch
from fact.backbones.memory import MicroBatch, fits_device


def fitting(limit: int, asked: list[int]):
    """Work that runs out of memory above ``limit`` images, as CUDA does."""

    def work(size: int) -> int:
        asked.append(size)
        if size > limit:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        return size

    return work


def test_parts_halve_until_they_fit_and_stay_so(capfd):
    parts, asked = MicroBatch(100), []
    assert parts.fit(20, fitting(6, asked)) == 5
    assert asked == [20, 10, 5]
    assert parts.fit(20, fitting(6, asked)) == 5 and asked[3:] == [5]
    assert parts.fit(3, fitting(6, asked)) == 3
    assert "out of memory with 20 images at once; going on with 10" in "".join(capfd.readouterr())


def test_what_fits_is_asked_once():
    asked = []
    assert MicroBatch(8).fit(20, fitting(8, asked)) == 8 and asked == [8]


def test_an_image_that_does_not_fit_has_a_remedy():
    asked = []
    with pytest.raises(torch.OutOfMemoryError, match=r"not even one image .*grad_checkpointing.*Tried to"):
        MicroBatch(4).fit(9, fitting(0, asked))
    assert asked == [4, 2, 1]


def test_a_batch_that_holds_together_is_not_divided():
    asked = []
    with pytest.raises(torch.OutOfMemoryError, match=r"batch norm couples them\. CUDA out of memory"):
        MicroBatch(4, "batch norm couples them").fit(4, fitting(2, asked))
    assert asked == [4]


def test_other_errors_pass():
    def work(size: int) -> None:
        raise RuntimeError("other")

    with pytest.raises(RuntimeError, match="other"):
        MicroBatch(4).fit(4, work)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB."),
        RuntimeError("CUDA error: out of memory"),
        torch.AcceleratorError("CUDA error: out of memory"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`"),
    ],
)
def test_every_way_to_say_that_memory_is_short_halves_the_batch(error: RuntimeError) -> None:
    def work(size: int) -> int:
        if size > 3:
            raise error
        return size

    assert MicroBatch(12).fit(12, work) == 3


def test_only_a_gpu_holds_what_its_memory_has_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (100, 400))
    gpu, cpu = torch.device("cuda"), torch.device("cpu")
    assert fits_device(50, gpu) and not fits_device(51, gpu) and not fits_device(1, cpu)
