import torch
from fact.selection.algorithms.centroids import adam


def test_same_steps_as_pytorch():
    torch.manual_seed(0)
    ours = torch.randn(6, 5, dtype=torch.float64)
    theirs = torch.nn.Parameter(ours.clone())
    step, optimizer = adam(ours, 0.01), torch.optim.Adam([theirs], lr=0.01)
    for _ in range(25):
        gradient = torch.randn(6, 5, dtype=torch.float64) * ours
        step(gradient)
        theirs.grad = gradient
        optimizer.step()
    torch.testing.assert_close(ours, theirs.detach(), rtol=1e-12, atol=1e-13)
